using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Edge;

/// <summary>
/// Behind a reverse proxy the caller's address is the one that the proxy names: without it, everybody behind the proxy would share one
/// limit of sign-ins.
/// </summary>
internal static class ForwardedCallers
{
    public static WebApplicationBuilder AddForwardedCallers(this WebApplicationBuilder builder)
    {
        builder.Services.AddSection<ServerOptions>(ServerOptions.Section).Validate(
            static options => options.DrainTimeout >= TimeSpan.Zero && options.DrainTimeout <= TimeSpan.FromMinutes(10),
            $"{ServerOptions.Section}:DrainTimeout must be from 0:00:00 to 0:10:00.").Validate(
            static options => options.KnownProxies.All(proxy => ServerOptions.TryReadProxy(proxy, out _)),
            "AiPipe:Server:KnownProxies has an entry that is neither an address nor a network: write it like 10.0.0.7 or 10.0.0.0/8.");
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<ServerOptions>>(static (forwarded, server) =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            // From the last one back, for as long as one proxy that is believed names another: what callers write themselves stands before those.
            forwarded.ForwardLimit = null;
            foreach (var proxy in server.Value.KnownProxies)
                if (ServerOptions.TryReadProxy(proxy, out var network)) forwarded.KnownIPNetworks.Add(network);
        });
        return builder;
    }
}
