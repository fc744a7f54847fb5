using System.Buffers;
using System.Collections.Frozen;
using System.Security.Cryptography;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary>The code to join a class: eight of thirty unambiguous characters, 6.5 × 10¹¹ codes.</summary>
internal static class JoinCode
{
    private const string Alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Length = 8;
    private static readonly SearchValues<char> Letters = SearchValues.Create(Alphabet);
    private const int MaxTypedLength = 40;

    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>The canonical spelling of an entered code, without spaces and dashes.</summary>
    /// <returns><c>null</c> if it cannot be a code.</returns>
    public static string? Normalize(string? typed)
    {
        if (typed is not { Length: > 0 and <= MaxTypedLength }) return null;
        var code = new string([.. typed.Where(static letter => letter is not (' ' or '-' or '\u2013')).Select(char.ToUpperInvariant)]);
        return code.Length == Length && !code.AsSpan().ContainsAnyExcept(Letters) ? code : null;
    }
}

/// <summary>The codes of classes that have not ended, in memory: a wrong guess costs no query.</summary>
internal sealed class JoinCodes
{
    private volatile FrozenDictionary<string, Guid> _classes = FrozenDictionary<string, Guid>.Empty;

    public Guid? Find(string? typed) =>
        JoinCode.Normalize(typed) is { } code && _classes.TryGetValue(code, out var id) ? id : null;

    public void Replace(IEnumerable<TaughtClass> classes) =>
        _classes = classes.ToFrozenDictionary(static taught => taught.JoinCode, static taught => taught.Id, StringComparer.Ordinal);
}
