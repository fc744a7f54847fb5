using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Another salt for a person: every token of theirs that was signed before ends with it.</summary>
internal static class NewSalt
{
    private const int RandomBytes = 18;

    /// <summary>The change that makes it so.</summary>
    /// <param name="email">The person.</param>
    /// <param name="typed">The salt; empty = a random one, which nobody ever sees.</param>
    /// <param name="note">Why, for the audit trail.</param>
    public static SettingRequest Create(string email, string? typed = null, string? note = null) => new(
        ["Salts", email],
        JsonSerializer.SerializeToElement(string.IsNullOrEmpty(typed) ? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes)) : typed),
        note);
}
