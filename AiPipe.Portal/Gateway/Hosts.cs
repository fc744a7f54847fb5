namespace AiPipe.Portal.Gateway;

internal static class HostsApi
{
    private const string Path = "/admin/hosts";

    public static async Task<IReadOnlyList<HostInfo>> GetHostsAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        (await gateway.GetAsync(Path, ContractJson.Default.HostList, cancellationToken)).Hosts;

    public static Task AddHostAsync(this GatewayClient gateway, HostKeyRequest key, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, Path, key, ContractJson.Default.HostKeyRequest, cancellationToken);

    /// <summary>Removes a host and all keys of its provider.</summary>
    public static Task RemoveHostAsync(this GatewayClient gateway, string host, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Delete, $"{Path}/{Uri.EscapeDataString(host)}", cancellationToken);
}
