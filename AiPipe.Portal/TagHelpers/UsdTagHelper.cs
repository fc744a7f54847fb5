using Microsoft.AspNetCore.Razor.TagHelpers;

namespace AiPipe.Portal.TagHelpers;

/// <summary>An amount of money, <c>&lt;usd value="…" /&gt;</c>: rounded in the text, exact in the tooltip.</summary>
[HtmlTargetElement("usd", TagStructure = TagStructure.WithoutEndTag)]
public sealed class UsdTagHelper : TagHelper
{
    /// <summary>USD; <c>null</c> when it is unknown, which is not zero.</summary>
    public decimal? Value { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "span";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "usd");
        if (Value is { } usd) output.Attributes.SetAttribute("title", $"${Usd.Exact(usd)}");
        output.Content.SetContent(Usd.Text(Value));
    }
}
