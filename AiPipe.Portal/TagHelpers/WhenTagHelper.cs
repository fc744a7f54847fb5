using System.Globalization;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace AiPipe.Portal.TagHelpers;

/// <summary>A moment, <c>&lt;when at="…" /&gt;</c>: in UTC, which portal.js replaces by the reader's local time.</summary>
[HtmlTargetElement("when", TagStructure = TagStructure.WithoutEndTag)]
public sealed class WhenTagHelper : TagHelper
{
    public DateTimeOffset? At { get; set; }

    /// <summary>Shows only the UTC date.</summary>
    public bool Day { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        (output.TagName, output.TagMode) = ("time", TagMode.StartTagAndEndTag);
        if (At is not { } at)
        {
            output.Content.SetContent("–");
            return;
        }
        var utc = at.UtcDateTime;
        output.Attributes.SetAttribute("datetime", utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        if (!Day) output.Attributes.SetAttribute("data-moment", "");
        output.Content.SetContent(
            Day ? Dates.Short(DateOnly.FromDateTime(utc)) : utc.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture));
    }
}
