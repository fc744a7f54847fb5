using System.Text;
using System.Text.RegularExpressions;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Calls.Redaction;

/// <summary>Hides our keys in everything that a provider sends in answer to one call, because providers quote them in errors.</summary>
/// <param name="keys">The texts of our keys, and of the route's credentials.</param>
internal sealed partial class CallRedaction(params KeyTexts[] keys)
{
    private const int MatchTimeoutMilliseconds = 2_000;

    private static ReadOnlySpan<byte> Error => "error"u8;

    private bool _hasFoundKey;

    public bool IsNeeded => !Array.TrueForAll(keys, static texts => texts.IsEmpty);

    /// <summary>True if a key was hidden since the last time.</summary>
    public bool TakeFoundKey()
    {
        var found = _hasFoundKey;
        _hasFoundKey = false;
        return found;
    }

    public static CallRedaction Create(CallContext call, ProviderCatalog providers) =>
        call.Routed is { Target.Secrets: { IsEmpty: false } own }
        ? new CallRedaction(providers.Keys, own) : new CallRedaction(providers.Keys);

    /// <summary>Hides keys in a part of a body; the number of bytes stays.</summary>
    public void Hide(Span<byte> bytes)
    {
        foreach (var texts in keys) _hasFoundKey |= texts.Hide(bytes);
        // Only errors quote keys, in whatever form; the thorough search is too slow for every event of a stream.
        if (bytes.IndexOf(Error) < 0) return;
        var text = new char[bytes.Length];
        Encoding.Latin1.GetChars(bytes, text);
        if (HideParts(text)) Encoding.Latin1.GetBytes(text, bytes);
    }

    /// <summary>The text without keys. Of a text that contains one in escaped form, nothing is left.</summary>
    public string Hide(string text)
    {
        var hidden = text.ToCharArray();
        if (HideParts(hidden)) text = new string(hidden);
        return HideParts(Unescaped(text).ToCharArray()) ? "" : text;
    }

    /// <summary>The number of bytes at the end that may be the beginning of a key.</summary>
    public int BeginningAtEnd(ReadOnlySpan<byte> bytes)
    {
        var longest = 0;
        foreach (var texts in keys) longest = Math.Max(longest, texts.BeginningAtEnd(bytes));
        return longest;
    }

    private bool HideParts(Span<char> text)
    {
        var found = false;
        foreach (var texts in keys) found |= texts.HideParts(text);
        _hasFoundKey |= found;
        return found;
    }

    private static string Unescaped(string text) => Escape().Replace(
        Uri.UnescapeDataString(text), static match => ((char)Convert.ToUInt16(match.Groups["code"].Value, 16)).ToString());

    [GeneratedRegex(@"\\u(?<code>[0-9A-Fa-f]{4})", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, MatchTimeoutMilliseconds)]
    private static partial Regex Escape();
}
