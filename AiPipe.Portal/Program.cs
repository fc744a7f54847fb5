using System.CommandLine;
using AiPipe.Portal.Gateway;
using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.HttpOverrides;

namespace AiPipe.Portal;

/// <summary>The web pages of AiPipe, which use the gateway's public API only.</summary>
public sealed class Program
{
    private Program() { }

    public static Task<int> Main(string[] args) => ServiceProgram.RunAsync(args, CreateCommands, extend => Build(args, extend));

    /// <summary>Builds the Portal as a separate process behind the gateway.</summary>
    /// <param name="args">Configuration such as <c>--Portal:Gateway http://proxy:8787</c>.</param>
    /// <param name="extend">Adds services and configuration of a surrounding host.</param>
    /// <exception cref="InvalidOperationException">The configuration is wrong; the message names the setting.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? extend = null)
    {
        var builder = StaticConfiguration.CreateBuilder(args);
        extend?.Invoke(builder);
        builder.Configuration.RequireService(GatewayAddress.Service, GatewayAddress.Setting);
        builder.AddServiceDefaults();
        // EF Core reads only the cookie keys, and CookieKeyRepository logs their failures in one line.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None);
        builder.AddPortal();
        builder.Services.Configure<ForwardedHeadersOptions>(static forwarded =>
        {
            // The gateway, from any address in the cluster, says who the visitor is and which host they asked for.
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
        });
        var app = builder.Build();
        app.UseForwardedHeaders().UseCallerDisconnects();
        app.MapDefaultEndpoints();
        app.MapPortal();
        return app;
    }

    private static RootCommand CreateCommands() =>
        new("The web pages of AiPipe. Without a command, serves them. docs/operate.md describes the settings.") { HealthCommand.Create() };
}
