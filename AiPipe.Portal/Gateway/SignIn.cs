namespace AiPipe.Portal.Gateway;

internal static class SignInApi
{
    public static Task<LoginOptions> GetLoginOptionsAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/login/options", ContractJson.Default.LoginOptions, cancellationToken);

    public static Task<SignInResponse> SignInAsync(
        this GatewayClient gateway, SignInRequest credentials, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/token", credentials,
            ContractJson.Default.SignInRequest, ContractJson.Default.SignInResponse, cancellationToken);

    /// <summary>Signs in by the ID token of Google's button.</summary>
    public static Task<SignInResponse> SignInWithGoogleAsync(
        this GatewayClient gateway, string credential, CancellationToken cancellationToken) =>
        gateway.GetAsync($"/token?credential={Uri.EscapeDataString(credential)}", ContractJson.Default.SignInResponse, cancellationToken);

    public static Task<CurrentUser> GetMeAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/token/me", ContractJson.Default.CurrentUser, cancellationToken);

    public static Task ChangePasswordAsync(this GatewayClient gateway, PasswordRequest change, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Put, "/token/password", change, ContractJson.Default.PasswordRequest, cancellationToken);

    /// <summary>Ends the session of this browser, so that no copy of its cookie works.</summary>
    public static Task EndSessionAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Delete, "/token/session", cancellationToken);

    /// <summary>Revokes every token of the person and returns a new one.</summary>
    public static Task<ResetToken> ResetTokenAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.PostAsync("/token/reset", ContractJson.Default.ResetToken, cancellationToken);
}
