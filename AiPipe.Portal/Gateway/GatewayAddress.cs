using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace AiPipe.Portal.Gateway;

/// <summary>
/// The gateway's address: <c>Portal:Gateway</c>, else service discovery (<c>services:proxy:http:0</c>), else this process, which then
/// runs both.
/// </summary>
internal sealed class GatewayAddress(IConfiguration configuration, IServer server)
{
    public const string Setting = "Portal:Gateway";
    public const string Service = "proxy";

    private Uri? _found;

    /// <summary>Ends with a slash.</summary>
    /// <exception cref="InvalidOperationException">No address is configured, and this process does not listen yet.</exception>
    public Uri Value => _found ??= new Uri((configuration.FindService(Service, Setting) ?? Own()).TrimEnd('/') + "/");

    private string Own() => ListenAddress.FindLocal([.. server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []])
        ?? throw new InvalidOperationException($"The gateway's address is unknown. Set {Setting} to it.");
}
