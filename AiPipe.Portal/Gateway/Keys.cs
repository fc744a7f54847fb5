namespace AiPipe.Portal.Gateway;

internal static class KeysApi
{
    public static async Task<IReadOnlyList<KeyInfo>> GetKeysAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/keys", ContractJson.Default.KeyList, cancellationToken)).Keys;

    /// <summary>Somebody else's, for admins.</summary>
    public static async Task<IReadOnlyList<KeyInfo>> GetKeysAsync(this GatewayClient gateway, string email, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/admin/keys?email=" + Uri.EscapeDataString(email), ContractJson.Default.KeyList, cancellationToken)).Keys;

    public static Task<KeyInfo> CreateKeyAsync(this GatewayClient gateway, KeyRequest key, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/keys", key, ContractJson.Default.KeyRequest, ContractJson.Default.KeyInfo, cancellationToken);

    /// <summary>Another text for the same key; the old one stops at once.</summary>
    public static Task<KeyInfo> ResetKeyAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, $"/keys/{id}/reset", new SignInRequest(), ContractJson.Default.SignInRequest, ContractJson.Default.KeyInfo, cancellationToken);

    public static Task DeleteKeyAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.DoAsync(HttpMethod.Delete, $"/keys/{id}", cancellationToken);
}
