namespace AiPipe.Portal.Gateway;

/// <summary>How people sign in here: <c>GET /login/options</c>.</summary>
public sealed record LoginOptions(string? GoogleClientId, bool Passwords);

/// <summary>What proves who somebody is: <c>POST /token</c>.</summary>
public sealed record Credentials(string? Email = null, string? Password = null, string? Link = null);

/// <summary>A person and their token.</summary>
public sealed record SignedIn(string Token, string Email, string? Name);

/// <summary>The person whose token asks: <c>GET /token/me</c>.</summary>
public sealed record Me(string Email, string? Name, bool Admin, bool Teacher, bool HasPassword);

public sealed record PasswordChange(string? Current, string New);

public sealed record FreshToken(string Token);

internal static class SignInApi
{
    public static Task<LoginOptions> GetLoginOptionsAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/login/options", GatewayJson.Default.LoginOptions, cancellationToken);

    public static Task<SignedIn> SignInAsync(this GatewayClient gateway, Credentials credentials, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/token", credentials, GatewayJson.Default.Credentials, GatewayJson.Default.SignedIn, cancellationToken);

    /// <summary>By what Google's button gave.</summary>
    public static Task<SignedIn> SignInWithGoogleAsync(this GatewayClient gateway, string credential, CancellationToken cancellationToken) =>
        gateway.GetAsync($"/token?credential={Uri.EscapeDataString(credential)}", GatewayJson.Default.SignedIn, cancellationToken);

    public static Task<Me> GetMeAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/token/me", GatewayJson.Default.Me, cancellationToken);

    public static Task ChangePasswordAsync(this GatewayClient gateway, PasswordChange change, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Put, "/token/password", change, GatewayJson.Default.PasswordChange, cancellationToken);

    /// <summary>Ends every token of the person; the answer is the only one that is good.</summary>
    public static Task<FreshToken> ResetTokenAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/token/reset", new Credentials(), GatewayJson.Default.Credentials, GatewayJson.Default.FreshToken, cancellationToken);
}
