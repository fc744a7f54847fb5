using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace AiPipe.Portal.Gateway;

/// <summary>
/// Where the gateway is: <c>Portal:Gateway</c>, else the service <c>proxy</c> where discovery has it (<c>services:proxy:http:0</c>), else
/// this very process, which then serves both.
/// </summary>
internal sealed class GatewayAddress(IConfiguration configuration, IServer server)
{
    /// <summary>The setting that goes before service discovery.</summary>
    public const string Setting = "Portal:Gateway";
    /// <summary>The gateway's name in service discovery.</summary>
    public const string Service = "proxy";

    private Uri? _found;

    /// <summary>With a slash at its end.</summary>
    /// <exception cref="InvalidOperationException">This process listens nowhere yet.</exception>
    public Uri Value => _found ??= new Uri((configuration.FindService(Service, Setting) ?? Own()).TrimEnd('/') + "/");

    private string Own() => ListenAddress.FindLocal([.. server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []])
        ?? throw new InvalidOperationException($"The portal does not know where the gateway is: set {Setting} to its address.");
}
