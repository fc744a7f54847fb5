using System.Globalization;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>A minimum length and no well-known passwords, but no character classes (NIST SP 800-63B §3.1.1.2).</summary>
internal static class PasswordRules
{
    public const int MinLength = 10;
    /// <summary>Hashing time grows with the length.</summary>
    public const int MaxLength = 128;

    /// <summary>The refusal of an invalid password.</summary>
    /// <param name="password">Never logged.</param>
    public static Refusal? Check(string? password, string email)
    {
        if (password is not { Length: >= MinLength and <= MaxLength })
            return Refusal.InvalidRequest(
                string.Create(CultureInfo.InvariantCulture, $"A password has {MinLength} to {MaxLength} characters."));
        var plain = Email.Normalize(password);
        if (plain == email || plain == email.Split('@')[0]) return Refusal.InvalidRequest("A password must not be the name.");
        return GuessableSecret.Is(password) ? Refusal.InvalidRequest(
            "A password must not be easy to guess: no common password, keyboard row or repetition. Use a few words that only "
                + "you would combine.")
            : null;
    }
}
