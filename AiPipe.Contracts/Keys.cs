namespace AiPipe.Contracts;

/// <summary>A new API key: <c>POST /keys</c>.</summary>
/// <param name="Name">For the owner, 1 to 100 characters.</param>
/// <param name="Limit">USD that may be spent with it in its window; absent = whatever the owner may spend.</param>
/// <param name="Days">The limit's window in UTC days; 30 where neither this nor <paramref name="Period"/> is present.</param>
/// <param name="Period"><c>month</c> for the calendar month instead of days.</param>
/// <param name="ExpiresInDays">When the key expires; absent = never.</param>
public sealed record KeyRequest(string? Name, decimal? Limit, int? Days, string? Period, int? ExpiresInDays);

/// <summary>API keys, the newest first: <c>GET /keys</c> and <c>GET /admin/keys</c>.</summary>
/// <param name="Keys">Active, expired and revoked ones.</param>
public sealed record KeyList(IReadOnlyList<KeyInfo> Keys);

/// <summary>An API key. What was spent with it is known of keys with a limit, in USD, over the limit's window.</summary>
public sealed record KeyInfo
{
    /// <summary>The id by which other requests name the key.</summary>
    public required Guid Id { get; init; }
    /// <summary>Whose key it is; only in responses to admins.</summary>
    public string? User { get; init; }
    /// <summary>The owner's name for it.</summary>
    public required string Name { get; init; }
    /// <summary>How its text begins.</summary>
    public required string Prefix { get; init; }
    /// <summary>Neither expired nor revoked.</summary>
    public required bool Active { get; init; }
    /// <summary>The key's own limit.</summary>
    public decimal? Limit { get; init; }
    /// <summary>The limit's window in UTC days.</summary>
    public int? Days { get; init; }
    /// <summary><c>month</c> where the window is the calendar month.</summary>
    public string? Period { get; init; }
    /// <summary>Spent in the window.</summary>
    public decimal? Spent { get; init; }
    /// <summary>Reserved by calls in flight.</summary>
    public decimal? Held { get; init; }
    /// <summary>Left of the limit.</summary>
    public decimal? Remaining { get; init; }
    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }
    /// <summary>UTC.</summary>
    public DateTime? ExpiresAt { get; init; }
    /// <summary>UTC.</summary>
    public DateTime? RevokedAt { get; init; }
    /// <summary>UTC. When the last finished call with it began.</summary>
    public DateTime? LastUsedAt { get; init; }
    /// <summary>The admin who registered it.</summary>
    public string? MadeBy { get; init; }
    /// <summary>The whole text of the key: only in the response that creates or resets it.</summary>
    public string? Key { get; init; }

    /// <summary>Never prints the key.</summary>
    public override string ToString() => $"{nameof(KeyInfo)} {Id}";
}
