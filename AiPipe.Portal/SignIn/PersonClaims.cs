using System.Security.Claims;

namespace AiPipe.Portal.SignIn;

/// <summary>Claims in the encrypted cookie: the person's address and token.</summary>
internal static class PersonClaims
{
    private const string TokenClaim = "token";
    private const string SessionClaim = "session";

    public static ClaimsPrincipal Create(string email, string token) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.Name, email), new Claim(TokenClaim, token), new Claim(SessionClaim, Guid.NewGuid().ToString())],
        PortalCookie.Scheme));

    /// <summary><c>null</c> without a signed-in user.</summary>
    public static string? Email(this ClaimsPrincipal person) =>
        person.Identity is { IsAuthenticated: true, Name: { } email } ? email : null;

    /// <summary>The person's own token, for requests to the gateway and for the pages that show it to them.</summary>
    public static string? Token(this ClaimsPrincipal person) => person.FindFirstValue(TokenClaim);

    /// <summary>The id of the session, by which the gateway refuses copies of its cookie after the sign-out.</summary>
    public static string? Session(this ClaimsPrincipal person) => person.FindFirstValue(SessionClaim);
}
