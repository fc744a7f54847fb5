using System.Globalization;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace AiPipe.Portal.TagHelpers;

/// <summary>The spent and reserved parts of a budget, <c>&lt;budget-meter limit="…" spent="…" reserved="…" /&gt;</c>.</summary>
[HtmlTargetElement("budget-meter", TagStructure = TagStructure.WithoutEndTag)]
public sealed class BudgetMeter : TagHelper
{
    private const decimal Whole = 1000;

    public decimal Limit { get; set; }
    public decimal Spent { get; set; }
    public decimal Reserved { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        (output.TagName, output.TagMode) = ("svg", TagMode.StartTagAndEndTag);
        output.Attributes.SetAttribute("class", Spent >= Limit ? "meter full" : "meter");
        output.Attributes.SetAttribute("viewBox", "0 0 1000 14");
        output.Attributes.SetAttribute("preserveAspectRatio", "none");
        output.Attributes.SetAttribute("role", "img");
        var percent = Limit > 0 ? Math.Round(100 * Spent / Limit) : 100;
        var label = string.Create(CultureInfo.InvariantCulture, $"{percent} percent of {Usd.Text(Limit)} spent");
        output.Attributes.SetAttribute("aria-label", label);
        var spent = Share(Spent);
        Part(output, "all", 0, Whole);
        Part(output, "spent", 0, spent);
        Part(output, "reserved", spent, Math.Min(Share(Reserved), Whole - spent));
    }

    private decimal Share(decimal amount) => Limit > 0 ? Math.Clamp(amount / Limit * Whole, 0, Whole) : Whole;

    private static void Part(TagHelperOutput output, string name, decimal from, decimal width)
    {
        var part = new TagBuilder("rect");
        part.Attributes["class"] = name;
        part.Attributes["x"] = from.ToString("0.#", CultureInfo.InvariantCulture);
        part.Attributes["width"] = width.ToString("0.#", CultureInfo.InvariantCulture);
        part.Attributes["height"] = "14";
        output.Content.AppendHtml(part);
    }
}
