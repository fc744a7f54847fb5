using AiPipe.Proxy.Accounts.SignIn;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>The gateway's own origins: pages there are not third-party apps.</summary>
internal sealed class OwnOrigins(IOptions<SignInOptions> options, IHostEnvironment environment)
{
    private readonly HashSet<string> _configured =
        [.. options.Value.Origins.Select(origin => WebOrigin.Read(origin, out _, out _)?.Text).OfType<string>()];

    public static bool IsOrigin(string text) => WebOrigin.Read(text, out var rest, out _) is not null && rest is "" or "/";

    /// <summary>The configured origins. Development also trusts the request's Host; a forged one would receive full tokens.</summary>
    public IReadOnlySet<string> Of(HttpRequest request)
    {
        if (!environment.IsDevelopment()) return _configured;
        return WebOrigin.Read($"{request.Scheme}://{request.Host}", out _, out _) is { IsLocal: true } local
            ? new HashSet<string>(_configured) { local.Text }
            : _configured;
    }
}
