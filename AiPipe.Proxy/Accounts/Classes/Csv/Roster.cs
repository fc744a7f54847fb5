using AiPipe.Proxy.Accounts.People;
using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Accounts.Classes.Csv;

/// <summary>A teacher's list: <c>email[,name]</c> per line; an optional header line may reorder the columns.</summary>
/// <param name="Repeated">The number of lines that repeat an address.</param>
internal sealed record Roster(IReadOnlyDictionary<string, string?> Members, int Repeated, IReadOnlyList<WrongLine> Wrong)
{
    public const int MaxLines = 5000;
    private const int MaxShown = 80;

    private static readonly string[] LineEnds = ["\r\n", "\n", "\r"];

    /// <summary>Parses a list; <c>null</c> if it has more than <see cref="MaxLines"/> lines.</summary>
    public static Roster? Read(string text)
    {
        // A byte order mark in the middle comes from concatenated files.
        var lines = text.Replace("\ufeff", "", StringComparison.Ordinal).Split(LineEnds, StringSplitOptions.None);
        if (lines.Count(static line => !string.IsNullOrWhiteSpace(line)) > MaxLines) return null;
        var separator = lines.Select(CsvLine.SeparatorOf).FirstOrDefault(static found => found is not null) ?? ',';
        var (members, repeated, wrong) = (new Dictionary<string, string?>(StringComparer.Ordinal), 0, new List<WrongLine>());
        (int Email, int Name)? columns = null;
        var isFirst = true;
        for (var i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i])) continue;
            var fields = CsvLine.Split(lines[i], separator);
            if (isFirst && HeadingsOf(fields) is { } headings) columns = headings;
            else if (Read(fields, columns, out var email, out var name) is { } why) wrong.Add(new WrongLine(i + 1, Shown(lines[i]), why));
            else if (!members.TryAdd(email, name)) repeated++;
            isFirst = false;
        }
        return new Roster(members, repeated, wrong);
    }

    private static string? Read(List<string> fields, (int Email, int Name)? columns, out string email, out string? name)
    {
        var at = columns?.Email ?? fields.FindIndex(static field => field.Contains('@', StringComparison.Ordinal));
        var of = columns?.Name ?? fields.FindIndex(field => field.Length > 0 && fields.IndexOf(field) != at);
        var (text, written) = (at >= 0 && at < fields.Count ? fields[at] : "", of >= 0 && of < fields.Count ? fields[of] : null);
        // The format of mail programs: Ann Example <ann@example.com>.
        if (text.EndsWith('>') && text.LastIndexOf('<') is >= 0 and var open) (text, written) =
            (text[(open + 1)..^1], written ?? text[..open]);
        (email, name) = (Email.Normalize(text), ShownName.FromText(written));
        return MailAddress.ProblemOf(email);
    }

    private static (int Email, int Name)? HeadingsOf(List<string> fields)
    {
        if (fields.Exists(static field => field.Contains('@', StringComparison.Ordinal))) return null;
        var email = fields.FindIndex(static field => field.Contains("mail", StringComparison.OrdinalIgnoreCase));
        if (email < 0) return null;
        var name = fields.FindIndex(static field => field.Contains("name", StringComparison.OrdinalIgnoreCase));
        return (email, name >= 0 && name != email ? name : fields.Count > 1 ? (email == 0 ? 1 : 0) : -1);
    }

    private static string Shown(string line) =>
        ShownName.FromText(line) is not { } shown ? "" : shown.Length <= MaxShown ? shown : shown[..MaxShown];
}
