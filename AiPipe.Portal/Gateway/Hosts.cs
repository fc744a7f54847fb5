namespace AiPipe.Portal.Gateway;

public sealed record HostList(IReadOnlyList<HostState> Hosts);

/// <summary>A host that <c>X-Host-Final</c> may name.</summary>
/// <param name="Host">Its name, with its port where that is not the usual one.</param>
/// <param name="Provider">Whose it is.</param>
/// <param name="BaseUrl">Where its calls go.</param>
/// <param name="Keys">Ours, as <c>sk-…last4</c>.</param>
public sealed record HostState(string Host, string Provider, string BaseUrl, IReadOnlyList<string> Keys);

/// <summary>One more key for a host.</summary>
public sealed record HostKey(string Host, string Key)
{
    /// <summary>Never prints the key.</summary>
    public override string ToString() => nameof(HostKey);
}

internal static class HostsApi
{
    private const string Path = "/admin/hosts";

    public static async Task<IReadOnlyList<HostState>> GetHostsAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        (await gateway.GetAsync(Path, GatewayJson.Default.HostList, cancellationToken)).Hosts;

    public static Task AddHostAsync(this GatewayClient gateway, HostKey key, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, Path, key, GatewayJson.Default.HostKey, cancellationToken);

    /// <summary>Takes a host away, and all keys of the provider there.</summary>
    public static Task RemoveHostAsync(this GatewayClient gateway, string host, CancellationToken cancellationToken) =>
        gateway.DoAsync(HttpMethod.Delete, $"{Path}/{Uri.EscapeDataString(host)}", cancellationToken);
}
