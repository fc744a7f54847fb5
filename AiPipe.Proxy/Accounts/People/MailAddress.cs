using System.Text;
using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Accounts.People;

/// <summary>Validates entered addresses: stricter than mail, so that none is mistaken for another.</summary>
internal static class MailAddress
{
    private const string NotInAddresses = "()<>[]\\,;:\"";

    /// <summary>The problem of an address in lower case, to continue "the line …"; <c>null</c> if it is valid.</summary>
    public static string? ProblemOf(string email)
    {
        if (email.Length == 0) return "it has no e-mail address";
        if (email.Length > Email.MaxLength) return "its address is too long";
        var at = email.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0 || at != email.LastIndexOf('@') || email.EnumerateRunes().Any(IsRefused)) return "the address is invalid";
        return Uri.CheckHostName(email[(at + 1)..]) == UriHostNameType.Dns ? null : "its address has no mail domain";
    }

    private static bool IsRefused(Rune rune) =>
        Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) || ShownName.IsHidden(rune)
            || (rune.IsAscii && NotInAddresses.Contains((char)rune.Value));
}
