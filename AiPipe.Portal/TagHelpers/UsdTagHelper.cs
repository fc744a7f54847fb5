using Microsoft.AspNetCore.Razor.TagHelpers;

namespace AiPipe.Portal.TagHelpers;

/// <summary>An amount of money, <c>&lt;usd value="…" /&gt;</c>: short to read, exact in its title.</summary>
[HtmlTargetElement("usd", TagStructure = TagStructure.WithoutEndTag)]
public sealed class UsdTagHelper : TagHelper
{
    /// <summary>USD; <c>null</c> when it is not known, which is not the same as nothing.</summary>
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
