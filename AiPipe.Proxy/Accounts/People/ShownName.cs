using System.Globalization;
using System.Text;

namespace AiPipe.Proxy.Accounts.People;

/// <summary>Names of people and classes, without characters that mislead a reader.</summary>
internal static class ShownName
{
    private const char ZeroWidthNonJoiner = '\u200c';
    private const char ZeroWidthJoiner = '\u200d';

    /// <summary>Removes control, direction and invisible characters, but not the joiners that Persian and emoji need.</summary>
    /// <returns><c>null</c> if nothing is left.</returns>
    public static string? FromText(string? text)
    {
        if (text is null) return null;
        var name = new StringBuilder(Math.Min(text.Length, Person.MaxNameLength));
        var isBlank = true;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                if (!isBlank) name.Append(' ');
                isBlank = true;
                continue;
            }
            if (IsHidden(rune)) continue;
            if (name.Length + rune.Utf16SequenceLength > Person.MaxNameLength) break;
            name.Append(rune.ToString());
            isBlank = false;
        }
        var shown = name.ToString().TrimEnd();
        return shown.Length == 0 ? null : shown;
    }

    public static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Format => rune.Value is not (ZeroWidthNonJoiner or ZeroWidthJoiner),
        UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate => true,
        _ => false,
    };
}
