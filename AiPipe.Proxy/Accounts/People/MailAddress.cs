using System.Text;
using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Accounts.People;

/// <summary>Addresses that somebody else wrote down: stricter than mail itself, so that each is seen as what it is.</summary>
internal static class MailAddress
{
    private const string NotInAddresses = "()<>[]\\,;:\"";

    /// <summary>What is wrong with an address in lower case, to be read after "the line …"; <c>null</c> when nothing is.</summary>
    public static string? ProblemOf(string email)
    {
        if (email.Length == 0) return "it has no e-mail address";
        if (email.Length > Email.MaxLength) return "its address is too long";
        var at = email.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0 || at != email.LastIndexOf('@') || email.EnumerateRunes().Any(IsRefused)) return "its address is none";
        return Uri.CheckHostName(email[(at + 1)..]) == UriHostNameType.Dns ? null : "its address has no mail domain";
    }

    private static bool IsRefused(Rune rune) =>
        Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) || ShownName.IsHidden(rune) || (rune.IsAscii && NotInAddresses.Contains((char)rune.Value));
}
