using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Providers;

/// <param name="key">Never logged, traced or echoed.</param>
internal sealed class ProviderCredential(string key)
{
    /// <summary>Also bounds the provider's Retry-After.</summary>
    public static readonly TimeSpan LongestCooldown = TimeSpan.FromMinutes(5);

    /// <summary>Single failures are common, so fewer in a row have no cooldown.</summary>
    private const int FailuresToCool = 3;
    private static readonly TimeSpan FirstCooldown = TimeSpan.FromSeconds(5);

    private long _asideUntil;
    private int _failures;
    private long _usedAt;
    private long _failedAt;
    private int _status;

    public string Key { get; } = key;

    /// <summary>Identifies the key in all replicas without revealing it.</summary>
    public string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16));

    /// <summary>
    /// The end of the cooldown after the provider rejected or limited this key, or failed with it several times; <c>null</c> = there is none.
    /// </summary>
    public DateTimeOffset? CoolsUntil(DateTimeOffset now) =>
        Volatile.Read(ref _asideUntil) is var until && now.UtcTicks < until ? new DateTimeOffset(until, TimeSpan.Zero) : null;

    public CredentialHealth HealthAt(DateTimeOffset now) =>
        new(CoolsUntil(now), Volatile.Read(ref _status) is > 0 and var status ? status : null,
            Time(ref _usedAt), Time(ref _failedAt));

    /// <summary>Records the outcome of a call, which may start a cooldown.</summary>
    public void Record(KeyOutcome outcome, DateTimeOffset at)
    {
        Volatile.Write(ref _status, outcome.Status ?? 0);
        Volatile.Write(ref _usedAt, at.UtcTicks);
        if (!outcome.IsFailure)
        {
            Volatile.Write(ref _failures, 0);
            if (!outcome.IsRejected)
            {
                Volatile.Write(ref _asideUntil, 0);
                return;
            }
        }
        Volatile.Write(ref _failedAt, at.UtcTicks);
        var until = (at + CooldownAfter(outcome)).UtcTicks;
        if (until > Volatile.Read(ref _asideUntil)) Volatile.Write(ref _asideUntil, until);
    }

    private TimeSpan CooldownAfter(KeyOutcome outcome)
    {
        if (outcome.IsRejected) return LongestCooldown;
        var failures = Interlocked.Increment(ref _failures) - FailuresToCool;
        var pause = outcome.Status == StatusCodes.Status429TooManyRequests && outcome.RetryAfter is null ? FirstCooldown
            : failures < 0 ? TimeSpan.Zero : FirstCooldown * (1 << Math.Min(failures, 6));
        if (outcome.RetryAfter > pause) pause = outcome.RetryAfter.Value;
        return pause < LongestCooldown ? pause : LongestCooldown;
    }

    private static DateTimeOffset? Time(ref long ticks) =>
        Volatile.Read(ref ticks) is > 0 and var at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
}

/// <param name="AsideUntil">The end of the cooldown.</param>
/// <param name="LastStatus">The status of the last call; <c>null</c> = no call, or no response.</param>
/// <param name="LastErrorAt">When the provider last rejected the key, was rate-limited, failed or did not respond.</param>
internal readonly record struct CredentialHealth(
    DateTimeOffset? AsideUntil, int? LastStatus, DateTimeOffset? LastUsedAt, DateTimeOffset? LastErrorAt);

/// <summary>What a response, or its absence, says about the key.</summary>
/// <param name="Status"><c>null</c> = no response.</param>
/// <param name="IsRejected">True if the provider rejected the key, not only the request.</param>
/// <param name="RetryAfter">How long the provider asks to wait.</param>
internal readonly record struct KeyOutcome(int? Status, bool IsRejected, TimeSpan? RetryAfter)
{
    /// <summary>True if another call with this key is likely to fail, too.</summary>
    public bool IsFailure => Status is null or 401 or 403 or 429 or >= 500;
}
