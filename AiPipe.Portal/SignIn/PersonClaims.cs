using System.Security.Claims;

namespace AiPipe.Portal.SignIn;

/// <summary>What the cookie says of the person: whose it is, and their token, both readable by us alone.</summary>
internal static class PersonClaims
{
    private const string TokenClaim = "token";

    public static ClaimsPrincipal Create(string email, string token) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.Name, email), new Claim(TokenClaim, token)], PortalCookie.Scheme));

    /// <summary>The person's address; <c>null</c> when nobody is signed in.</summary>
    public static string? Email(this ClaimsPrincipal person) => person.Identity is { IsAuthenticated: true, Name: { } email } ? email : null;

    /// <summary>The person's own token. Goes to the gateway, and to pages of theirs that are for nothing else than to show it.</summary>
    public static string? Token(this ClaimsPrincipal person) => person.FindFirstValue(TokenClaim);
}
