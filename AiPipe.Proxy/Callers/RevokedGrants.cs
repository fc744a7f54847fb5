namespace AiPipe.Proxy.Callers;

/// <summary>Revoked grants whose tokens have not expired. In memory: every call with an app's token checks them.</summary>
internal sealed class RevokedGrants
{
    private readonly Lock _gate = new();

    /// <summary>The expiry of each. Replaced as a whole, so that readers need no lock.</summary>
    private volatile Dictionary<Guid, DateTimeOffset> _expiries = [];

    public int Count => _expiries.Count;

    public bool Contains(Guid grant) => _expiries.ContainsKey(grant);

    public void Add(IReadOnlyCollection<RevokedGrant> revoked, DateTimeOffset now)
    {
        if (revoked.All(grant => Contains(grant.Id))) return;
        lock (_gate)
        {
            var expiries = _expiries.Where(known => known.Value > now).ToDictionary();
            foreach (var grant in revoked) expiries[grant.Id] = grant.ExpiresAt;
            _expiries = expiries;
        }
    }
}

internal readonly record struct RevokedGrant(Guid Id, DateTimeOffset ExpiresAt);
