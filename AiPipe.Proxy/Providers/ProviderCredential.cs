using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Providers;

/// <param name="key">Never logged, traced or echoed.</param>
internal sealed class ProviderCredential(string key)
{
    private long _asideUntil;
    private long _usedAt;
    private long _failedAt;
    private int _status;

    public string Key { get; } = key;

    /// <summary>Identifies the key in all replicas without revealing it.</summary>
    public string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16));

    /// <summary>True if the provider rejected this key recently: it is tried last.</summary>
    public bool IsCoolingDown(DateTimeOffset now) => now.UtcTicks < Volatile.Read(ref _asideUntil);

    public void SetAside(DateTimeOffset until) => Volatile.Write(ref _asideUntil, until.UtcTicks);
    public CredentialHealth HealthAt(DateTimeOffset now) =>
        new(IsCoolingDown(now) ? Time(ref _asideUntil) : null, Volatile.Read(ref _status) is > 0 and var status ? status : null,
            Time(ref _usedAt), Time(ref _failedAt));

    /// <summary>Records a call; <paramref name="status"/> is <c>null</c> without a response.</summary>
    public void Used(int? status, DateTimeOffset at)
    {
        Volatile.Write(ref _status, status ?? 0);
        Volatile.Write(ref _usedAt, at.UtcTicks);
        if (status is null or 401 or 403 or 429 or >= 500) Volatile.Write(ref _failedAt, at.UtcTicks);
    }

    private static DateTimeOffset? Time(ref long ticks) =>
        Volatile.Read(ref ticks) is > 0 and var at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
}

/// <param name="AsideUntil">The end of the cooldown.</param>
/// <param name="LastStatus">The status of the last call; <c>null</c> = no call, or no response.</param>
/// <param name="LastErrorAt">When the provider last rejected the key, was rate-limited, failed or did not respond.</param>
internal readonly record struct CredentialHealth(
    DateTimeOffset? AsideUntil, int? LastStatus, DateTimeOffset? LastUsedAt, DateTimeOffset? LastErrorAt);

/// <summary>
/// Tries keys round robin, with keys in cooldown last. None is skipped, so that callers cannot disable a provider by provoking rejections.
/// </summary>
internal sealed class CredentialRotation(TimeProvider time)
{
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

    /// <summary>Records the result of a call; a rejected key starts its cooldown.</summary>
    /// <param name="isRefused">True if the provider rejected the key, not only the request.</param>
    public void Note(ProviderCredential credential, int? status, bool isRefused)
    {
        var now = time.GetUtcNow();
        credential.Used(status, now);
        if (isRefused) credential.SetAside(now + Aside);
    }
}
