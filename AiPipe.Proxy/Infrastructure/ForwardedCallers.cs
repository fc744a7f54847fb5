using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Infrastructure;

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
        builder.Services.AddOptions<ForwardedHeadersOptions>().PostConfigure<IOptions<ServerOptions>>(static (forwarded, server) =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            // From the last one back, for as long as one proxy that is believed names another: what callers write themselves stands before those.
            forwarded.ForwardLimit = null;
            foreach (var proxy in server.Value.KnownProxies)
                if (ServerOptions.TryReadProxy(proxy, out var network)) forwarded.KnownIPNetworks.Add(network);
            // ASPNETCORE_FORWARDEDHEADERS_ENABLED empties both lists, and then every hop is believed: only the last one is the platform's.
            if (forwarded.KnownIPNetworks.Count == 0 && forwarded.KnownProxies.Count == 0) forwarded.ForwardLimit = 1;
        });
        return builder;
    }

    /// <summary>
    /// Applies the headers once. Where a platform enables them, the host has added the middleware already, and a second one would take the
    /// next entry, which the caller writes.
    /// </summary>
    public static WebApplication UseForwardedCallers(this WebApplication app)
    {
        if (!app.Configuration.GetValue<bool>("FORWARDEDHEADERS_ENABLED")) app.UseForwardedHeaders();
        return app;
    }
}
