using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Providers;

/// <summary>One of our keys for a provider.</summary>
/// <param name="key">The key itself. Never logged, traced or echoed.</param>
internal sealed class ProviderCredential(string key)
{
    private long _asideUntil;
    private long _usedAt;
    private long _failedAt;
    private int _status;

    public string Key { get; } = key;

    /// <summary>What tells it from other keys, in every replica, without telling the key.</summary>
    public string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16));

    /// <summary>Whether the provider refused this key a short while ago: such a key is tried last.</summary>
    public bool IsCoolingDown(DateTimeOffset now) => now.UtcTicks < Volatile.Read(ref _asideUntil);

    /// <summary>Takes the key out of the rotation for a while, after the provider answered 401 or 403 to it.</summary>
    public void SetAside(DateTimeOffset until) => Volatile.Write(ref _asideUntil, until.UtcTicks);
    /// <summary>What this process has seen of it.</summary>
    public CredentialHealth HealthAt(DateTimeOffset now) =>
        new(IsCoolingDown(now) ? Time(ref _asideUntil) : null, Volatile.Read(ref _status) is > 0 and var status ? status : null, Time(ref _usedAt), Time(ref _failedAt));

    /// <summary>The provider has answered a call with this key, or has not.</summary>
    /// <param name="status">What it answered; <c>null</c> = nothing.</param>
    /// <param name="at">When.</param>
    public void Used(int? status, DateTimeOffset at)
    {
        Volatile.Write(ref _status, status ?? 0);
        Volatile.Write(ref _usedAt, at.UtcTicks);
        // Other refusals are the caller's own doing.
        if (status is null or 401 or 403 or 429 or >= 500) Volatile.Write(ref _failedAt, at.UtcTicks);
    }

    private static DateTimeOffset? Time(ref long ticks) => Volatile.Read(ref ticks) is > 0 and var at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
}

/// <summary>What one process has seen of a key.</summary>
/// <param name="AsideUntil">It is tried last until then, since the provider refused it.</param>
/// <param name="LastStatus">Of the last call; <c>null</c> = none, or no answer.</param>
/// <param name="LastUsedAt">When that was.</param>
/// <param name="LastErrorAt">When the provider last refused the key, was at its limit, in trouble, or did not answer.</param>
internal readonly record struct CredentialHealth(DateTimeOffset? AsideUntil, int? LastStatus, DateTimeOffset? LastUsedAt, DateTimeOffset? LastErrorAt);

/// <summary>
/// The order in which a call tries a provider's keys: in turn, the refused ones last. They are never left out altogether, so that
/// nobody can lock a provider by provoking refusals.
/// </summary>
internal sealed class CredentialRotation(TimeProvider time)
{
    /// <summary>How long a refused key is tried last.</summary>
    public static readonly TimeSpan Aside = TimeSpan.FromMinutes(5);

    private uint _turn;

    public IReadOnlyList<ProviderCredential> Order(Provider provider)
    {
        var all = provider.Credentials;
        if (all.Count <= 1) return all;
        var now = time.GetUtcNow();
        var first = (int)(Interlocked.Increment(ref _turn) % (uint)all.Count);
        var turned = Enumerable.Range(first, all.Count).Select(i => all[i % all.Count]);
        return turned.OrderBy(credential => credential.IsCoolingDown(now)).ToList();
    }

    /// <summary>Notes what came of a call with a key; one that the provider refused is tried last for a while.</summary>
    /// <param name="credential">The key.</param>
    /// <param name="status">What the provider answered; <c>null</c> = nothing.</param>
    /// <param name="isRefused">It refused the key, and not only what was asked.</param>
    public void Note(ProviderCredential credential, int? status, bool isRefused)
    {
        var now = time.GetUtcNow();
        credential.Used(status, now);
        if (isRefused) credential.SetAside(now + Aside);
    }
}
