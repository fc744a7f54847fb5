using System.Globalization;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace AiPipe.Portal.TagHelpers;

/// <summary>A moment, <c>&lt;when at="…" /&gt;</c>: in UTC, as all of our days are; portal.js writes it in the reader's own time.</summary>
[HtmlTargetElement("when", TagStructure = TagStructure.WithoutEndTag)]
public sealed class WhenTagHelper : TagHelper
{
    public DateTimeOffset? At { get; set; }

    /// <summary>The date alone.</summary>
    public bool Day { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        (output.TagName, output.TagMode) = ("time", TagMode.StartTagAndEndTag);
        if (At is not { } at)
        {
            output.Content.SetContent("–");
            return;
        }
        output.Attributes.SetAttribute("datetime", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        if (!Day) output.Attributes.SetAttribute("data-moment", "");
        output.Content.SetContent(at.UtcDateTime.ToString(Day ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
    }
}
