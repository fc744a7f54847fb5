using System.Text.RegularExpressions;

namespace AiPipe.Proxy.Callers;

/// <summary>Recognises secrets that an attacker would try: placeholders, words, repetitions and rows of keys.</summary>
internal static partial class GuessableSecret
{
    private const int MatchTimeoutMilliseconds = 10_000;

    /// <summary>The most characters that may remain besides <see cref="Words"/> in a guessable secret.</summary>
    private const int MaxRest = 7;
    private const int MinDistinct = 5;

    /// <summary>From this length on, random text has more different characters than <see cref="MinDistinctInLong"/>.</summary>
    private const int LongLength = 24;
    private const int MinDistinctInLong = 8;

    private static readonly string[] Rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedc", "1q2w3e4r5t", "azertyuiop"];

    /// <summary>Longer words come first, because a search takes the first that fits.</summary>
    private const string Pattern =
        "authentication|placeholder|development|production|characters|passphrase|signature|generated|something|incorrect|password|" +
        "changeme|changeit|football|baseball|princess|sunshine|superman|iloveyou|insecure|letmein|trustno|example|signing|default|" +
        "welcome|replace|random|secret|string|aipipe|access|unsafe|should|please|change|apikey|foobar|hs256|token|admin|proxy|super|value|" +
        "enter|long|very|here|your|test|text|this|that|with|must|pass|word|prod|demo|none|null|todo|hmac|dev|key|jwt|256|bit";

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant, MatchTimeoutMilliseconds)]
    private static partial Regex Words();

    public static bool Is(string secret)
    {
        var plain = string.Concat(secret.ToLowerInvariant().Replace('@', 'a').Replace('$', 's').Where(char.IsLetterOrDigit));
        var distinct = secret.Distinct().Count();
        return distinct < MinDistinct || (secret.Length >= LongLength && distinct < MinDistinctInLong)
            || Repeats(secret) || Repeats(plain) || IsMostlyInOrder(plain)
            || IsMostlyWords(plain) || IsMostlyWords(Unleeted(plain));
    }

    private static bool IsMostlyWords(string plain) =>
        Words().Replace(plain, "").Length is <= MaxRest and var rest && rest * 2 <= plain.Length;

    /// <summary>Digits that stand for letters, as in <c>passw0rd</c>.</summary>
    private static string Unleeted(string text) =>
        text.Replace('0', 'o').Replace('1', 'i').Replace('3', 'e').Replace('4', 'a').Replace('5', 's').Replace('7', 't');

    /// <summary>True if the text is one part over and over, the last time perhaps cut.</summary>
    private static bool Repeats(string text)
    {
        for (var length = 1; length <= text.Length / 2; length++)
            if (text.AsSpan(length).SequenceEqual(text.AsSpan(0, text.Length - length))) return true;
        return false;
    }

    /// <summary>True for alphabets, numbers counted up or down, and rows of a keyboard.</summary>
    private static bool IsMostlyInOrder(string text)
    {
        var steps = 0;
        for (var i = 1; i < text.Length; i++)
        {
            var pair = text.AsSpan(i - 1, 2);
            if (Math.Abs(pair[1] - pair[0]) <= 1 || pair is "90" or "09" || IsInRow(pair)) steps++;
        }
        return steps * 3 >= text.Length * 2;
    }

    private static bool IsInRow(ReadOnlySpan<char> pair)
    {
        foreach (var row in Rows)
            if (row.AsSpan().Contains(pair, StringComparison.Ordinal)) return true;
        return false;
    }
}
