using System.Buffers;
using System.Text;

namespace AiPipe.Proxy.Providers;

/// <summary>Finds the texts of secret keys in what providers send, and hides them. Immutable.</summary>
internal sealed class KeyTexts
{
    public static readonly KeyTexts None = new([]);

    /// <summary>Replaces each character of a key.</summary>
    private const char Mask = '*';

    /// <summary>Shorter texts are words such as the dummy keys of local servers; hiding those would damage ordinary text.</summary>
    private const int MinLength = 8;

    /// <summary>A part of this length counts as the key in errors; shorter ones occur in documentation (<c>sk-ant-api03-</c>).</summary>
    private const int PartLength = 16;

    private readonly byte[][] _whole;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _parts;
    private readonly SearchValues<string> _search;
    private readonly int[] _lengths;

    private KeyTexts(IReadOnlyList<string> keys)
    {
        // Providers send JSON, whose writers may escape slashes.
        var spellings = keys.Concat(keys.Select(static key => key.Replace("/", "\\/", StringComparison.Ordinal)))
            .Distinct(StringComparer.Ordinal).ToList();
        _whole = [.. spellings.Select(Encoding.Latin1.GetBytes)];
        var parts = spellings.Concat(keys.SelectMany(Encodings)).SelectMany(PartsOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _parts = parts.GetAlternateLookup<ReadOnlySpan<char>>();
        _search = SearchValues.Create([.. parts], StringComparison.OrdinalIgnoreCase);
        _lengths = [.. parts.Select(static part => part.Length).Distinct().OrderDescending()];
    }

    public bool IsEmpty => _whole.Length == 0;

    /// <param name="texts">Keys, and headers that end with one.</param>
    public static KeyTexts Create(IEnumerable<string> texts)
    {
        var keys = texts.Select(static text => text[(text.LastIndexOf(' ') + 1)..]).Where(static text => text.Length >= MinLength)
            .Distinct(StringComparer.Ordinal).ToList();
        return keys.Count == 0 ? None : new KeyTexts(keys);
    }

    /// <summary>Hides whole keys; the number of bytes stays.</summary>
    /// <returns>True if there was one.</returns>
    public bool Hide(Span<byte> bytes)
    {
        var found = false;
        foreach (var key in _whole)
        {
            for (var rest = bytes; rest.IndexOf(key) is >= 0 and var at; rest = rest[(at + key.Length)..])
            {
                rest.Slice(at, key.Length).Fill((byte)Mask);
                found = true;
            }
        }
        return found;
    }

    /// <summary>Hides keys, long parts of them, and their Base64 and percent encodings, in any case; the length stays.</summary>
    /// <returns>True if there was one.</returns>
    public bool HideParts(Span<char> text)
    {
        List<Range>? found = null;
        for (var start = 0; text[start..].IndexOfAny(_search) is >= 0 and var at; start += at + 1)
        {
            var part = text[(start + at)..];
            foreach (var length in _lengths)
            {
                if (length > part.Length || !_parts.Contains(part[..length])) continue;
                (found ??= []).Add(new Range(start + at, start + at + length));
                break;
            }
        }
        // Parts overlap, so that none may be hidden before the next is found.
        foreach (var range in found ?? []) text[range].Fill(Mask);
        return found is not null;
    }

    /// <summary>The number of bytes at the end that may be the beginning of a key.</summary>
    public int BeginningAtEnd(ReadOnlySpan<byte> bytes)
    {
        var longest = 0;
        foreach (var key in _whole)
        {
            var tail = bytes[Math.Max(0, bytes.Length - key.Length + 1)..];
            while (tail.Length > longest && tail.IndexOf(key[0]) is >= 0 and var at)
            {
                tail = tail[at..];
                if (key.AsSpan().StartsWith(tail)) longest = Math.Max(longest, tail.Length);
                tail = tail[1..];
            }
        }
        return longest;
    }

    private static IEnumerable<string> Encodings(string key)
    {
        yield return Uri.EscapeDataString(key);
        var bytes = Encoding.UTF8.GetBytes(key);
        // In a longer text, a key begins at any of three places of a Base64 group.
        for (var skipped = 0; skipped < 3; skipped++)
        {
            var whole = (bytes.Length - skipped) / 3 * 3;
            if (Convert.ToBase64String(bytes, skipped, whole) is { Length: >= PartLength } text) yield return text;
        }
    }

    private static IEnumerable<string> PartsOf(string text) => text.Length <= PartLength
        ? [text] : Enumerable.Range(0, text.Length - PartLength + 1).Select(at => text.Substring(at, PartLength));
}
