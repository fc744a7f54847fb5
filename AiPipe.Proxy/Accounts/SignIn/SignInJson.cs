using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>How people sign in here, for the page where they do.</summary>
/// <param name="GoogleClientId">For Google's button; <c>null</c> when there is none.</param>
/// <param name="Passwords">Whether a name and a password are accepted.</param>
internal sealed record SignInWays(string? GoogleClientId, bool Passwords)
{
    public static SignInWays Of(SignInOptions options) =>
        new(options.Google && !string.IsNullOrEmpty(options.GoogleClientId) ? options.GoogleClientId : null, options.Passwords);
}

/// <summary>What somebody signs in with: a name (by either of its names here) and a password, or a link's code.</summary>
internal sealed record SignInRequest(string? Email, string? Username, string? Password, string? Link)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(SignInRequest);
}

/// <summary>A new password; the current one where there is one.</summary>
internal sealed record PasswordChange(string? Current, string? New)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(PasswordChange);
}

/// <summary>Our token and, besides, what Google's profile says, under Google's names.</summary>
internal sealed record SignedInPerson(
    string Token, string Email, bool? EmailVerified = null, string? Name = null, string? GivenName = null, string? FamilyName = null,
    string? Picture = null, string? Locale = null,
    [property: JsonPropertyName("hd")] string? HostedDomain = null, [property: JsonPropertyName("sub")] string? Subject = null);

/// <summary>Who is signed in, for the head of every page.</summary>
internal sealed record Me(string Email, string? Name, bool Admin, bool Teacher, bool HasPassword, IReadOnlyList<MyClass> Classes);

internal sealed record MyClass(Guid Id, string Name);

/// <summary>A new token in place of all older ones.</summary>
internal sealed record NewToken(string Token, string Email);

[JsonSerializable(typeof(SignInWays))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(PasswordChange))]
[JsonSerializable(typeof(SignedInPerson))]
[JsonSerializable(typeof(Me))]
[JsonSerializable(typeof(NewToken))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
internal sealed partial class SignInJson : JsonSerializerContext;
