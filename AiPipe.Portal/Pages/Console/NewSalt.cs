using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace AiPipe.Portal.Pages.Console;

/// <summary>A new salt for a person, which revokes all tokens signed before.</summary>
internal static class NewSalt
{
    private const int RandomBytes = 18;

    /// <summary>Creates the change of the setting.</summary>
    /// <param name="email">The person.</param>
    /// <param name="salt">Empty = a random one.</param>
    /// <param name="note">The reason, for the audit trail.</param>
    public static SettingRequest Create(string email, string? salt = null, string? note = null)
    {
        if (string.IsNullOrEmpty(salt)) salt = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        return new SettingRequest(["Salts", email], JsonSerializer.SerializeToElement(salt), note);
    }
}
