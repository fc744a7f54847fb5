using System.Net;
using AiPipe.Proxy.Features.Settings;
using AiPipe.Proxy.Journey;
using AiPipe.Proxy.Journey.Authentication;

namespace AiPipe.Proxy.Features.Apisix;

/// <summary>Who may manage routes: whoever has the key in <c>X-API-KEY</c>, and admins. An address that guesses keys is not listened to for a while.</summary>
internal sealed class ApisixAdmins(ApisixAdminKey key, CallerAuthentication authentication, TimeProvider clock)
{
    private const int MaxWrongTries = 20;
    private const int MaxAddresses = 10_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<IPAddress, (int Wrong, DateTimeOffset Since)> _tries = [];

    public (ChangedBy? Who, Refusal? Refusal) Identify(HttpContext http)
    {
        var now = clock.GetUtcNow();
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (WaitOf(address, now) is { } wait) return (null, Refusal.RateLimited("Too many wrong keys. Wait a minute.", wait));
        if (http.Request.Headers["X-API-KEY"] is [{ Length: > 0 } presented] && key.Is(presented)) return (new ChangedBy(ApisixAdminKey.Name, IsPerson: false), null);

        var (caller, refusal) = authentication.Identify(http.Request);
        if (caller is Caller.User user) return user.IsAdmin ? (new ChangedBy(user.Email, IsPerson: true), null) : (null, Refusal.AdminOnly());
        if (http.Request.Headers.ContainsKey("X-API-KEY")) Note(address, now);
        return (null, refusal ?? Refusal.OwnKeyRefused());
    }

    private TimeSpan? WaitOf(IPAddress address, DateTimeOffset now)
    {
        lock (_tries)
        {
            return _tries.TryGetValue(address, out var tries) && tries.Wrong >= MaxWrongTries && tries.Since + Pause > now ? tries.Since + Pause - now : null;
        }
    }

    private void Note(IPAddress address, DateTimeOffset now)
    {
        lock (_tries)
        {
            if (_tries.Count >= MaxAddresses)
                foreach (var old in _tries.Where(entry => entry.Value.Since + Pause <= now).Select(entry => entry.Key).ToList()) _tries.Remove(old);
            if (_tries.Count >= MaxAddresses) _tries.Clear();
            var known = _tries.TryGetValue(address, out var tries) && tries.Since + Pause > now;
            _tries[address] = known ? (tries.Wrong + 1, tries.Since) : (1, now);
        }
    }
}
