using System.Text.Json.Serialization;

namespace AiPipe.Contracts;

/// <summary>How people sign in here: <c>GET /login/options</c>.</summary>
/// <param name="GoogleClientId">For Google's button; absent where Google sign-in is not configured.</param>
/// <param name="Passwords">Whether user name and password are accepted.</param>
public sealed record LoginOptions(string? GoogleClientId, bool Passwords);

/// <summary>Signs a person in: <c>POST /token</c>, as JSON or as a form. Either a name and a password, or a link's code.</summary>
/// <param name="Email">The person's name.</param>
/// <param name="Username">The person's name, by the name that forms give it.</param>
/// <param name="Password">Their password.</param>
/// <param name="Link">The code of a one-time link.</param>
public sealed record SignInRequest(string? Email = null, string? Username = null, string? Password = null, string? Link = null)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(SignInRequest);
}

/// <summary>A token and its owner; with Google, also what Google's profile says, under Google's names.</summary>
/// <param name="Token">An AI Pipe token.</param>
/// <param name="Email">The person's address.</param>
/// <param name="EmailVerified">Google verified the address.</param>
/// <param name="Name">The person's name.</param>
/// <param name="GivenName">From Google.</param>
/// <param name="FamilyName">From Google.</param>
/// <param name="Picture">From Google.</param>
/// <param name="Locale">From Google.</param>
/// <param name="HostedDomain">From Google.</param>
/// <param name="Subject">From Google.</param>
public sealed record SignInResponse(
    string Token, string Email, bool? EmailVerified = null, string? Name = null, string? GivenName = null, string? FamilyName = null,
    string? Picture = null, string? Locale = null,
    [property: JsonPropertyName("hd")] string? HostedDomain = null, [property: JsonPropertyName("sub")] string? Subject = null)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(SignInResponse);
}

/// <summary>The person whose token calls: <c>GET /token/me</c>.</summary>
/// <param name="Email">The person's address.</param>
/// <param name="Name">The person's name.</param>
/// <param name="Admin">They may administer the gateway.</param>
/// <param name="Teacher">They may run classes.</param>
/// <param name="HasPassword">They can sign in with a password.</param>
/// <param name="Classes">The running classes that they are a member of.</param>
public sealed record CurrentUser(string Email, string? Name, bool Admin, bool Teacher, bool HasPassword,
    IReadOnlyList<CurrentUserClass> Classes);

/// <summary>A class of the person who calls.</summary>
/// <param name="Id">The class.</param>
/// <param name="Name">Its name.</param>
public sealed record CurrentUserClass(Guid Id, string Name);

/// <summary>A new password: <c>PUT /token/password</c>.</summary>
/// <param name="Current">Needed where there is one, unless the person came by a one-time link a moment ago.</param>
/// <param name="New">10 to 128 characters.</param>
public sealed record PasswordRequest(string? Current, string? New)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(PasswordRequest);
}

/// <summary>A token that replaces all earlier ones: <c>POST /token/reset</c>.</summary>
/// <param name="Token">An AI Pipe token.</param>
/// <param name="Email">The person's address.</param>
public sealed record ResetToken(string Token, string Email)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(ResetToken);
}

/// <summary>A token that an admin issued: <c>GET /admin/token</c>.</summary>
/// <param name="Token">An AI Pipe token.</param>
public sealed record IssuedToken(string Token)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(IssuedToken);
}
