namespace AiPipe.Proxy.Infrastructure;

/// <summary>The one spelling of an address: budgets, salts, counters and the ledger all use it.</summary>
internal static class Email
{
    /// <summary>The longest address that mail knows (RFC 5321).</summary>
    public const int MaxLength = 254;

    public static string Normalize(string email) => email.Trim().ToLowerInvariant();

    /// <summary>True for what may stand as a user's name: not blank, not longer than an address, no control characters.</summary>
    public static bool IsUsable(string? email) =>
        email is { Length: <= MaxLength } && !string.IsNullOrWhiteSpace(email) && !HasControl(email);

    private static bool HasControl(string email)
    {
        foreach (var letter in email)
            if (char.IsControl(letter)) return true;
        return false;
    }

    /// <summary>The part after the last @, with the @: the name of a domain's budget.</summary>
    public static string Domain(string email) => "@" + email[(email.LastIndexOf('@') + 1)..];
}
