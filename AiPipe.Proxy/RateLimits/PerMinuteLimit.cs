using System.Net;
using System.Net.Sockets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.RateLimits;

/// <summary>Limits requests per caller and minute: users by name, others by network address.</summary>
/// <param name="kind">Limits of different kinds are independent.</param>
/// <param name="permits">Per minute, refilled evenly.</param>
internal sealed class PerMinuteLimit(string kind, int permits, IRateLimiter limiter)
{
    private readonly RateLimit _limit = new(permits, 0);

    public ValueTask<Refusal?> TakeAsync(HttpContext http) => TakeAsync(NameOf(http));

    public async ValueTask<Refusal?> TakeAsync(string name)
    {
        var take = await limiter.TakeAsync([new RateScope($"{kind}:{name}", _limit, kind)], tokens: 0);
        return take.IsTaken ? null : Refusal.RateLimited("Too many requests. Slow down.", TimeSpan.FromMilliseconds(take.Wait));
    }

    private static string NameOf(HttpContext http) => http.Features.Get<Caller.User>() is { } user ? user.Email : AddressOf(http);

    public static string AddressOf(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } address) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        // A household or server usually owns a whole /64, so it counts as one.
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPAddress([.. address.GetAddressBytes().AsSpan(0, 8), 0, 0, 0, 0, 0, 0, 0, 0]).ToString()
            : address.ToString();
    }
}
