namespace AiPipe.Portal.Gateway;

/// <summary>What to ask a person before a web app gets a slice of their budget: <c>GET /login/check</c>. Money in USD.</summary>
public sealed record Consent(
    string Origin, bool SameOrigin, string Denied, RememberedGrant? Remembered, decimal Limit, decimal LimitMax, int Days, int ExpiresInDays);

public sealed record RememberedGrant(Guid Id, decimal Limit, int Days, DateTimeOffset ExpiresAt);

/// <summary>What the person agreed to: <c>POST /grants</c>.</summary>
public sealed record GrantRequest
{
    public string? Redirect { get; init; }
    public string? ResponseMode { get; init; }
    public string? State { get; init; }
    public string? CodeChallenge { get; init; }
    public string? CodeChallengeMethod { get; init; }
    public decimal? Limit { get; init; }
    public int? Days { get; init; }
    public int? ExpiresInDays { get; init; }
    public bool Remember { get; init; }
    public Guid? Grant { get; init; }
}

/// <summary>Where the person goes on.</summary>
public sealed record Granted(string? Location);

public sealed record GrantList(IReadOnlyList<Grant> Apps);

/// <summary>A slice of one's budget that a web app has.</summary>
public sealed record Grant(
    Guid Id, string Origin, decimal Limit, int Days, decimal Spent, decimal Held, bool Active, bool Remembered,
    DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt);

internal static class AppsApi
{
    /// <summary>What a web app asks of the person who is signed in.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="query">The app's own, with its question mark: the gateway alone reads it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<Consent> GetConsentAsync(this GatewayClient gateway, string query, CancellationToken cancellationToken) =>
        gateway.GetAsync("/login/check" + query, GatewayJson.Default.Consent, cancellationToken);

    public static Task<Granted> CreateGrantAsync(this GatewayClient gateway, GrantRequest request, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/grants", request, GatewayJson.Default.GrantRequest, GatewayJson.Default.Granted, cancellationToken);

    public static async Task<IReadOnlyList<Grant>> GetGrantsAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/grants", GatewayJson.Default.GrantList, cancellationToken)).Apps;

    public static Task RevokeGrantAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.DoAsync(HttpMethod.Delete, $"/grants/{id}", cancellationToken);
}
