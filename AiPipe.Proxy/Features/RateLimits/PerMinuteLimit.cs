using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using AiPipe.Proxy.Journey;
using AiPipe.Proxy.Journey.Authentication;

namespace AiPipe.Proxy.Features.RateLimits;

/// <summary>Lets each caller in so many times a minute, evenly refilled: a user by name, anybody else by network address.</summary>
internal sealed class PerMinuteLimit(int permits) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(key =>
        RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = permits,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) / permits,
        }), StringComparer.Ordinal);

    /// <summary>Takes one of the caller's permits; the refusal when none is left.</summary>
    public Refusal? Check(HttpContext http)
    {
        using var lease = _limiter.AttemptAcquire(KeyOf(http));
        if (lease.IsAcquired) return null;
        return Refusal.RateLimited(lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromMinutes(1) / permits);
    }

    public void Dispose() => _limiter.Dispose();

    private static string KeyOf(HttpContext http)
    {
        if (http.Features.Get<Caller.User>() is { } user) return user.Email;
        if (http.Connection.RemoteIpAddress is not { } address) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        // One household or server owns a whole /64, so it counts as one.
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPAddress([.. address.GetAddressBytes().AsSpan(0, 8), 0, 0, 0, 0, 0, 0, 0, 0]).ToString()
            : address.ToString();
    }
}
