using System.Text.RegularExpressions;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Documents;

/// <summary>Links of the documents lead to files and headings that exist.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void Links_lead_to_existing_files_and_headings()
    {
        var links =
            from document in Document.All
            from line in document.Prose
            from link in Links().Matches(line).Select(static match => match.Groups["link"].Value)
            where !link.Contains("://", StringComparison.Ordinal)
            select (document, link);
        var all = links.ToList();

        Assert.True(all.Count > 50);
        Assert.Empty(all.Where(found => !Exists(found.document, found.link)).Select(found => $"{found.document.Path}: {found.link}"));
    }

    [Fact]
    public void Paths_of_the_code_that_documents_name_exist()
    {
        var paths =
            from document in Document.All
            from line in document.Prose
            from path in CodePaths().Matches(line).Select(static match => match.Groups["path"].Value)
            select (document, path);
        var all = paths.ToList();

        Assert.True(all.Count > 10);
        Assert.Empty(all.Where(static found => !Path.Exists(Path.Combine(Repository.Folder, found.path)))
            .Select(static found => $"{found.document.Path}: {found.path}"));
    }

    private static bool Exists(Document from, string link)
    {
        var (path, anchor) = link.Split('#') is [var file, var heading] ? (file, heading) : (link, null);
        var target = path.Length == 0 ? from.Resolve(Path.GetFileName(from.Path)) : from.Resolve(path);
        if (!Path.Exists(target)) return false;
        return anchor is null || Document.All.Single(document => document.Resolve(Path.GetFileName(document.Path)) == target)
            .Headings.Any(name => Slug(name) == anchor);
    }

    /// <summary>The anchor that GitHub gives a heading.</summary>
    private static string Slug(string heading) =>
        string.Concat(heading.ToLowerInvariant().Where(static letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or ' '))
            .Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<link>[^)\s]+)\)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Links();

    [GeneratedRegex(
        "`(?<path>AiPipe[.](?:Proxy|Portal|Contracts|Tests|AppHost|ServiceDefaults)/[A-Za-z./]*)`", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CodePaths();
}
