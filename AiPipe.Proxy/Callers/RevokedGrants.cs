namespace AiPipe.Proxy.Callers;

/// <summary>
/// The grants to web apps that were taken back before their tokens expire. Every app's token is checked against them, in memory:
/// no call waits for a database to learn that it may go on.
/// </summary>
internal sealed class RevokedGrants
{
    private readonly Lock _gate = new();

    /// <summary>Until when each of them could still be used. Swapped whole and never changed, so that readers take no lock.</summary>
    private volatile Dictionary<Guid, DateTimeOffset> _expiries = [];

    public int Count => _expiries.Count;

    public bool Contains(Guid grant) => _expiries.ContainsKey(grant);

    /// <summary>Adds grants, known ones perhaps among them, and forgets those whose tokens have expired by themselves.</summary>
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

/// <summary>A grant that was taken back.</summary>
internal readonly record struct RevokedGrant(Guid Id, DateTimeOffset ExpiresAt);
