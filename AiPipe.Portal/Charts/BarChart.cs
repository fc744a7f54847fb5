using System.Globalization;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace AiPipe.Portal.Charts;

/// <summary>One bar and its height in USD.</summary>
public readonly record struct Bar(string Label, decimal Usd);

/// <summary>
/// A column chart, <c>&lt;bar-chart bars="…" label="…" /&gt;</c>, drawn without a script. Pages repeat its figures in a table, for
/// screen readers.
/// </summary>
[HtmlTargetElement("bar-chart", TagStructure = TagStructure.WithoutEndTag)]
public sealed class BarChart : TagHelper
{
    private const int Width = 720;
    private const int Height = 200;
    private const int Left = 96;
    private const int Bottom = 24;
    private const int Top = 12;
    /// <summary>As many as fit on a phone.</summary>
    private const int MaxLabels = 6;

    public IReadOnlyList<Bar> Bars { get; set; } = [];

    /// <summary>The text alternative.</summary>
    public string Label { get; set; } = "";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        (output.TagName, output.TagMode) = ("svg", TagMode.StartTagAndEndTag);
        output.Attributes.SetAttribute("class", "chart");
        output.Attributes.SetAttribute("viewBox", $"0 0 {Width} {Height}");
        output.Attributes.SetAttribute("role", "img");
        output.Attributes.SetAttribute("aria-label", Label);
        var top = RoundUp(Bars.Count > 0 ? Bars.Max(bar => bar.Usd) : 0);
        foreach (var share in (decimal[])[0, 0.5m, 1]) Line(output, top, share);
        var step = (Width - Left) / (decimal)Math.Max(1, Bars.Count);
        var labelled = Math.Max(1, (int)Math.Ceiling(Bars.Count / (double)MaxLabels));
        for (var i = 0; i < Bars.Count; i++) Column(output, Bars[i], Left + (step * i), step, top, isLabelled: i % labelled == 0);
    }

    private static void Line(TagHelperOutput output, decimal top, decimal share)
    {
        var y = YOf(top * share, top);
        output.Content.AppendHtml(Tag("line", ("x1", $"{Left}"), ("x2", $"{Width}"), ("y1", y), ("y2", y)));
        var text = Tag("text", ("x", $"{Left - 8}"), ("y", y), ("class", "value"));
        text.InnerHtml.Append(TagHelpers.Usd.Text(top * share));
        output.Content.AppendHtml(text);
    }

    private static void Column(TagHelperOutput output, Bar bar, decimal x, decimal step, decimal top, bool isLabelled)
    {
        var height = (Height - Bottom - Top) * Math.Max(0, bar.Usd) / top;
        // The smallest amount must still be visible.
        if (bar.Usd > 0) height = Math.Max(2, height);
        var column = Tag("rect", ("x", Text(x + (step * 0.12m))), ("y", Text(Height - Bottom - height)),
            ("width", Text(step * 0.76m)), ("height", Text(height)), ("rx", "2"));
        var title = new TagBuilder("title");
        title.InnerHtml.Append($"{bar.Label}: {TagHelpers.Usd.Text(bar.Usd)}");
        column.InnerHtml.AppendHtml(title);
        output.Content.AppendHtml(column);
        if (!isLabelled) return;
        var label = Tag("text", ("x", Text(x + (step / 2))), ("y", $"{Height - 6}"), ("class", "label"));
        label.InnerHtml.Append(bar.Label);
        output.Content.AppendHtml(label);
    }

    private static TagBuilder Tag(string name, params IEnumerable<(string Name, string Value)> attributes)
    {
        var tag = new TagBuilder(name);
        foreach (var (attribute, value) in attributes) tag.Attributes[attribute] = value;
        return tag;
    }

    /// <summary>The next higher 1, 2 or 5 times a power of ten.</summary>
    private static decimal RoundUp(decimal highest)
    {
        if (highest <= 0) return 1;
        var unit = 1m;
        while (unit > highest) unit /= 10;
        while (unit * 10 <= highest) unit *= 10;
        return ((decimal[])[1, 2, 5, 10]).First(factor => factor * unit >= highest) * unit;
    }

    private static string YOf(decimal usd, decimal top) => Text(Height - Bottom - ((Height - Bottom - Top) * usd / top));

    private static string Text(decimal number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
