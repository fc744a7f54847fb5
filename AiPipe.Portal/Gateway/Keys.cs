namespace AiPipe.Portal.Gateway;

public sealed record KeyList(IReadOnlyList<ApiKey> Keys);

/// <summary>A key for programs, with a limit of its own perhaps. Money in USD.</summary>
public sealed record ApiKey
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    /// <summary>What tells it from others.</summary>
    public required string Prefix { get; init; }
    /// <summary>The key itself: only in the answer that made it.</summary>
    public string? Key { get; init; }
    public decimal? Limit { get; init; }
    public int? Days { get; init; }
    public string? Period { get; init; }
    public decimal? Spent { get; init; }
    public decimal? Remaining { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }
}

public sealed record NewKey(string Name, decimal? Limit, int? Days, int? ExpiresInDays);

internal static class KeysApi
{
    public static async Task<IReadOnlyList<ApiKey>> GetKeysAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/keys", GatewayJson.Default.KeyList, cancellationToken)).Keys;

    /// <summary>Somebody else's, for admins.</summary>
    public static async Task<IReadOnlyList<ApiKey>> GetKeysAsync(this GatewayClient gateway, string email, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/admin/keys?email=" + Uri.EscapeDataString(email), GatewayJson.Default.KeyList, cancellationToken)).Keys;

    public static Task<ApiKey> CreateKeyAsync(this GatewayClient gateway, NewKey key, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/keys", key, GatewayJson.Default.NewKey, GatewayJson.Default.ApiKey, cancellationToken);

    /// <summary>Another text for the same key; the old one stops at once.</summary>
    public static Task<ApiKey> ResetKeyAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, $"/keys/{id}/reset", new Credentials(), GatewayJson.Default.Credentials, GatewayJson.Default.ApiKey, cancellationToken);

    public static Task DeleteKeyAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.DoAsync(HttpMethod.Delete, $"/keys/{id}", cancellationToken);
}
