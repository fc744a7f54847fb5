using System.Net;
using System.Net.Sockets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.RateLimits;

/// <summary>Lets each caller in so many times a minute, evenly refilled: a user by name, anybody else by network address.</summary>
/// <param name="kind">What is limited; limits of different kinds do not touch each other.</param>
/// <param name="permits">So many times a minute.</param>
/// <param name="limiter">Where they are counted.</param>
internal sealed class PerMinuteLimit(string kind, int permits, IRateLimiter limiter)
{
    private readonly RateLimit _limit = new(permits, 0);

    /// <summary>Takes one of the caller's permits; the refusal when none is left.</summary>
    public ValueTask<Refusal?> TakeAsync(HttpContext http) => TakeAsync(NameOf(http));

    /// <summary>Takes one of a name's permits, whoever asks.</summary>
    public async ValueTask<Refusal?> TakeAsync(string name)
    {
        var take = await limiter.TakeAsync([new RateScope($"{kind}:{name}", _limit, kind)], tokens: 0);
        return take.IsTaken ? null : Refusal.RateLimited("Too many requests. Slow down.", TimeSpan.FromMilliseconds(take.Wait));
    }

    private static string NameOf(HttpContext http) => http.Features.Get<Caller.User>() is { } user ? user.Email : AddressOf(http);

    /// <summary>The network address that a request comes from, as limits count it.</summary>
    public static string AddressOf(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } address) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        // One household or server owns a whole /64, so it counts as one.
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPAddress([.. address.GetAddressBytes().AsSpan(0, 8), 0, 0, 0, 0, 0, 0, 0, 0]).ToString()
            : address.ToString();
    }
}
