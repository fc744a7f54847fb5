using AiPipe.Tests.Support;

namespace AiPipe.Tests.Documents;

/// <summary>A Markdown document of this repository.</summary>
/// <param name="Path">Relative to the repository's folder, such as <c>docs/use.md</c>.</param>
internal sealed record Document(string Path)
{
    private const string Fence = "```";

    public static Document Use => new("docs/use.md");
    public static Document Operate => new("docs/operate.md");

    /// <summary>Every document, those of the repository's folder first.</summary>
    public static IEnumerable<Document> All =>
        from folder in (string[])["", "docs", "docs/decisions", "bench"]
        from file in Directory.GetFiles(System.IO.Path.Combine(Repository.Folder, folder), "*.md").Order(StringComparer.Ordinal)
        select new Document(System.IO.Path.GetRelativePath(Repository.Folder, file));

    public string Text { get; } = File.ReadAllText(System.IO.Path.Combine(Repository.Folder, Path));

    /// <summary>The headings, without their number signs.</summary>
    public IEnumerable<string> Headings =>
        Prose.Where(static line => line.StartsWith('#')).Select(static line => line.TrimStart('#').Trim());

    /// <summary>The lines outside of code blocks.</summary>
    public IEnumerable<string> Prose
    {
        get
        {
            var isCode = false;
            foreach (var line in Text.Split('\n'))
            {
                if (line.StartsWith(Fence, StringComparison.Ordinal)) isCode = !isCode;
                else if (!isCode) yield return line;
            }
        }
    }

    /// <summary>The code blocks of a language.</summary>
    public IReadOnlyList<string> Blocks(string language) =>
        [.. Text.Split($"{Fence}{language}\n")[1..].Select(static rest => rest[..rest.IndexOf(Fence, StringComparison.Ordinal)])];

    /// <summary>The full path of a file that this document names by a path relative to itself.</summary>
    public string Resolve(string path) =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(Repository.Folder, System.IO.Path.GetDirectoryName(Path)!, path));
}
