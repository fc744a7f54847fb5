namespace AiPipe.Portal.Gateway;

internal static class KeysApi
{
    public static async Task<IReadOnlyList<KeyInfo>> GetKeysAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/keys", ContractJson.Default.KeyList, cancellationToken)).Keys;

    /// <summary>Any person's keys, for admins.</summary>
    public static async Task<IReadOnlyList<KeyInfo>> GetKeysAsync(
        this GatewayClient gateway, string email, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/admin/keys?email=" + Uri.EscapeDataString(email), ContractJson.Default.KeyList, cancellationToken)).Keys;

    public static Task<KeyInfo> CreateKeyAsync(this GatewayClient gateway, KeyRequest key, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/keys", key, ContractJson.Default.KeyRequest, ContractJson.Default.KeyInfo, cancellationToken);

    /// <summary>Replaces a key's text and keeps its name, limit and usage.</summary>
    public static Task<KeyInfo> ResetKeyAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.PostAsync($"/keys/{id}/reset", ContractJson.Default.KeyInfo, cancellationToken);

    public static Task DeleteKeyAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Delete, $"/keys/{id}", cancellationToken);
}
