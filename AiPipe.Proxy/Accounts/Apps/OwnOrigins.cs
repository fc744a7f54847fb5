using AiPipe.Proxy.Accounts.SignIn;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>Where browsers find this gateway: pages there are no web app of somebody else's.</summary>
internal sealed class OwnOrigins(IOptions<SignInOptions> options, IHostEnvironment environment)
{
    private readonly HashSet<string> _configured =
        [.. options.Value.Origins.Select(origin => WebOrigin.Read(origin, out _, out _)?.Text).OfType<string>()];

    /// <summary>True for what may stand in <c>AiPipe:Logins:Origins</c>.</summary>
    public static bool IsOrigin(string text) => WebOrigin.Read(text, out var rest, out _) is not null && rest is "" or "/";

    /// <summary>
    /// The configured ones. A request's own Host is believed on a developer's machine only: elsewhere a host name of an inner network
    /// would have people's full tokens sent to it.
    /// </summary>
    public IReadOnlySet<string> Of(HttpRequest request)
    {
        if (!environment.IsDevelopment()) return _configured;
        return WebOrigin.Read($"{request.Scheme}://{request.Host}", out _, out _) is { IsLocal: true } local
            ? new HashSet<string>(_configured) { local.Text }
            : _configured;
    }
}
