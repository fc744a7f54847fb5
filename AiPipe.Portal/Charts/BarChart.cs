using System.Globalization;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace AiPipe.Portal.Charts;

/// <summary>One bar: what it stands for, and how high it is in USD.</summary>
public readonly record struct Bar(string Label, decimal Usd);

/// <summary>
/// Columns over time, <c>&lt;bar-chart bars="…" label="…" /&gt;</c>, drawn here so that it needs no script. It is a picture for the eye: whoever
/// places it puts the same figures in a table beside.
/// </summary>
[HtmlTargetElement("bar-chart", TagStructure = TagStructure.WithoutEndTag)]
public sealed class BarChart : TagHelper
{
    private const int Width = 720;
    private const int Height = 200;
    private const int Left = 96;
    private const int Bottom = 24;
    private const int Top = 12;
    /// <summary>So many labels fit under the bars on a phone.</summary>
    private const int MostLabels = 6;

    public IReadOnlyList<Bar> Bars { get; set; } = [];

    /// <summary>What the picture shows, for those who do not see it.</summary>
    public string Label { get; set; } = "";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        (output.TagName, output.TagMode) = ("svg", TagMode.StartTagAndEndTag);
        output.Attributes.SetAttribute("class", "chart");
        output.Attributes.SetAttribute("viewBox", $"0 0 {Width} {Height}");
        output.Attributes.SetAttribute("role", "img");
        output.Attributes.SetAttribute("aria-label", Label);
        var top = NiceAbove(Bars.Count > 0 ? Bars.Max(bar => bar.Usd) : 0);
        foreach (var share in (decimal[])[0, 0.5m, 1]) Line(output, top, share);
        var step = (Width - Left) / (decimal)Math.Max(1, Bars.Count);
        var labelled = Math.Max(1, (int)Math.Ceiling(Bars.Count / (double)MostLabels));
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
        // What is not zero is seen, however little it is.
        if (bar.Usd > 0) height = Math.Max(2, height);
        var column = Tag("rect", ("x", Text(x + (step * 0.12m))), ("y", Text(Height - Bottom - height)), ("width", Text(step * 0.76m)), ("height", Text(height)), ("rx", "2"));
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

    /// <summary>The next of 1, 2, 5 times a power of ten.</summary>
    private static decimal NiceAbove(decimal most)
    {
        if (most <= 0) return 1;
        var unit = 1m;
        while (unit > most) unit /= 10;
        while (unit * 10 <= most) unit *= 10;
        return ((decimal[])[1, 2, 5, 10]).First(factor => factor * unit >= most) * unit;
    }

    private static string YOf(decimal usd, decimal top) => Text(Height - Bottom - ((Height - Bottom - Top) * usd / top));

    private static string Text(decimal number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
