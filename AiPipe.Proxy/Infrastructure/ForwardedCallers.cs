using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>Takes the client's address from a reverse proxy: its users must not share one sign-in limit.</summary>
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
            // Walks back from the last entry while the proxies are trusted: entries that clients write come first.
            forwarded.ForwardLimit = null;
            foreach (var proxy in server.Value.KnownProxies)
                if (ServerOptions.TryReadProxy(proxy, out var network)) forwarded.KnownIPNetworks.Add(network);
            // ASPNETCORE_FORWARDEDHEADERS_ENABLED empties both lists, which trusts every hop; only the last one is the platform's.
            if (forwarded.KnownIPNetworks.Count == 0 && forwarded.KnownProxies.Count == 0) forwarded.ForwardLimit = 1;
        });
        return builder;
    }

    /// <summary>Applies the headers once: a second middleware would read an entry that the client wrote.</summary>
    public static WebApplication UseForwardedCallers(this WebApplication app)
    {
        if (!app.Configuration.GetValue<bool>("FORWARDEDHEADERS_ENABLED")) app.UseForwardedHeaders();
        return app;
    }
}
