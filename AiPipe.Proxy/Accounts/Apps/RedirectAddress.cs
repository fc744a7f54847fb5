using System.Buffers;
using System.Text;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>The address to which a person returns with a web app's token; all its rules are here.</summary>
internal sealed record RedirectAddress(WebOrigin Origin, string Path, string Query, string Fragment)
{
    /// <summary>In characters, without the response; with a token it is still below the limits of browsers and servers.</summary>
    public const int MaxLength = 2048;

    private static readonly SearchValues<char> Kept =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?#[]");

    public string Text => Join(Query, Fragment);

    /// <summary>Parses an address.</summary>
    /// <param name="own">The gateway's own origins: operators may use them without TLS.</param>
    public static RedirectAddress? Read(string? text, IReadOnlySet<string> own, out string problem)
    {
        problem = text switch
        {
            null or "" => "it is missing",
            { Length: > MaxLength } => "it is too long",
            _ when text.Any(char.IsControl) || text.Contains('\\', StringComparison.Ordinal) =>
                "it holds a control character or a backslash",
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

    /// <summary>The address with a response, which replaces fields of the same names.</summary>
    public string With(IReadOnlyList<(string Name, string Value)> answer, bool inFragment, params IEnumerable<string> replaced)
    {
        var names = answer.Select(field => field.Name).Concat(replaced).ToHashSet(StringComparer.Ordinal);
        var (query, fragment) = (Without(Query, names), Without(Fragment, names));
        var added = string.Join('&', answer.Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"));
        return inFragment ? Join(query, Append(fragment, added)) : Join(Append(query, added), fragment);
    }

    private string Join(string query, string fragment) =>
        Origin.Text + Path + (query.Length > 0 ? "?" + query : "") + (fragment.Length > 0 ? "#" + fragment : "");

    private static string Append(string fields, string added) =>
        fields.Length == 0 || added.Length == 0 ? fields + added : $"{fields}&{added}";

    private static string Without(string fields, HashSet<string> names) =>
        string.Join('&', fields.Split('&').Where(field => !names.Contains(NameOf(field))));

    // As URLSearchParams, which decodes names, too.
    private static string NameOf(string field) => Uri.UnescapeDataString(Split(field, '=').Before.Replace('+', ' '));

    private static (string Before, string After) Split(string text, char separator) =>
        text.IndexOf(separator, StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, "");

    private static bool IsUnicode(string text) => !text.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar);

    /// <summary>Encodes spaces and similar characters again: an unencoded address arrives with its %20 decoded.</summary>
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
