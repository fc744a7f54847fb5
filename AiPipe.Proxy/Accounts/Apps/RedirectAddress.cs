using System.Buffers;
using System.Text;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>Where a person is sent back to with a web app's token: the rules of what may be such an address stand here, and only here.</summary>
/// <param name="Origin">What the person is shown, the token is bound to, and the browser goes to: the same text.</param>
/// <param name="Path">Begins with a slash.</param>
/// <param name="Query">Without its question mark.</param>
/// <param name="Fragment">Without its hash.</param>
internal sealed record RedirectAddress(WebOrigin Origin, string Path, string Query, string Fragment)
{
    /// <summary>In characters, before anything is added; with a token, still less than browsers and servers take.</summary>
    public const int MaxLength = 2048;

    private static readonly SearchValues<char> Kept =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?#[]");

    /// <summary>The address in its one spelling.</summary>
    public string Text => Join(Query, Fragment);

    /// <summary>Reads an address.</summary>
    /// <param name="text">As the app gave it.</param>
    /// <param name="own">The gateway's own origins: administrators may have them without TLS.</param>
    /// <param name="problem">Why it is none, to be read after "the address cannot be used: …".</param>
    public static RedirectAddress? Read(string? text, IReadOnlySet<string> own, out string problem)
    {
        problem = text switch
        {
            null or "" => "it is missing",
            { Length: > MaxLength } => "it is too long",
            _ when text.Any(char.IsControl) || text.Contains('\\', StringComparison.Ordinal) => "it holds a control character or a backslash",
            _ when !IsUnicode(text) => "it holds half a character",
            _ => "",
        };
        if (problem.Length > 0 || WebOrigin.Read(text!, out var rest, out problem) is not { } origin) return null;
        if (!origin.IsSecure && !origin.IsLocal && !own.Contains(origin.Text))
        {
            problem = "without https:// only localhost, 127.0.0.1 and [::1] are taken";
            return null;
        }
        var (beforeFragment, fragment) = Split(rest, '#');
        var (path, query) = Split(beforeFragment, '?');
        return new RedirectAddress(origin, path.Length == 0 ? "/" : Encode(path), Encode(query), Encode(fragment));
    }

    /// <summary>The address with an answer, which takes the place of whatever stands there under the same names.</summary>
    /// <param name="answer">Names and values, not yet encoded.</param>
    /// <param name="inFragment">After the hash, where no server gets to see it, rather than in the query.</param>
    /// <param name="replaced">More names that must not stand there.</param>
    public string With(IReadOnlyList<(string Name, string Value)> answer, bool inFragment, params IEnumerable<string> replaced)
    {
        var names = answer.Select(field => field.Name).Concat(replaced).ToHashSet(StringComparer.Ordinal);
        var (query, fragment) = (Without(Query, names), Without(Fragment, names));
        var added = string.Join('&', answer.Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"));
        return inFragment ? Join(query, Append(fragment, added)) : Join(Append(query, added), fragment);
    }

    private string Join(string query, string fragment) =>
        Origin.Text + Path + (query.Length > 0 ? "?" + query : "") + (fragment.Length > 0 ? "#" + fragment : "");

    private static string Append(string fields, string added) => fields.Length == 0 || added.Length == 0 ? fields + added : $"{fields}&{added}";

    private static string Without(string fields, HashSet<string> names) =>
        string.Join('&', fields.Split('&').Where(field => !names.Contains(NameOf(field))));

    // As a page reads it: URLSearchParams decodes names, too.
    private static string NameOf(string field) => Uri.UnescapeDataString(Split(field, '=').Before.Replace('+', ' '));

    private static (string Before, string After) Split(string text, char separator) =>
        text.IndexOf(separator, StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, "");

    private static bool IsUnicode(string text) => !text.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar);

    /// <summary>A page that gives its own address unencoded finds its %20 decoded on the way here: spaces and the like are encoded again.</summary>
    private static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Kept)) return text;
        var encoded = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var isEscape = text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]);
            if (isEscape || Kept.Contains(text[i])) encoded.Append(text[i]);
            else if (char.IsHighSurrogate(text[i])) encoded.Append(Uri.EscapeDataString(text.AsSpan(i++, 2)));
            else encoded.Append(Uri.EscapeDataString(text.AsSpan(i, 1)));
        }
        return encoded.ToString();
    }
}
