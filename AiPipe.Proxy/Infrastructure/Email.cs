namespace AiPipe.Proxy.Infrastructure;

/// <summary>The canonical spelling of an address in budgets, salts, counters and the ledger.</summary>
internal static class Email
{
    /// <summary>The longest valid address (RFC 5321).</summary>
    public const int MaxLength = 254;

    public static string Normalize(string email) => email.Trim().ToLowerInvariant();

    /// <summary>True for a valid user name: not blank, not longer than an address, no control characters.</summary>
    public static bool IsUsable(string? email) =>
        email is { Length: <= MaxLength } && !string.IsNullOrWhiteSpace(email) && !HasControl(email);

    private static bool HasControl(string email)
    {
        foreach (var letter in email)
            if (char.IsControl(letter)) return true;
        return false;
    }

    public static string Domain(string email) => "@" + email[(email.LastIndexOf('@') + 1)..];
}
