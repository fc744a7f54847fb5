using System.CommandLine;
using AiPipe.Portal.Gateway;
using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.HttpOverrides;

namespace AiPipe.Portal;

/// <summary>The pages that people see; they talk to the gateway's own API only.</summary>
public sealed class Program
{
    private Program() { }

    public static Task<int> Main(string[] args) => ServiceProgram.RunAsync(args, CreateCommands, extend => Build(args, extend));

    /// <summary>Builds the Portal as a process of its own, behind the gateway, which alone is reached from outside.</summary>
    /// <param name="args">Command line: configuration such as <c>--Portal:Gateway http://proxy:8787</c>.</param>
    /// <param name="extend">Adds services and configuration of the surrounding host.</param>
    /// <exception cref="InvalidOperationException">The configuration is wrong; the message names the setting.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? extend = null)
    {
        var builder = StaticConfiguration.CreateBuilder(args);
        extend?.Invoke(builder);
        builder.Configuration.RequireService(GatewayAddress.Service, GatewayAddress.Setting);
        builder.AddServiceDefaults();
        // The keys of cookies are all that is read by it; their repository logs in one line what failed.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None);
        builder.AddPortal();
        builder.Services.Configure<ForwardedHeadersOptions>(static forwarded =>
        {
            // Whom a page is for and by which name is the gateway's word, wherever in the cluster it runs.
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
        new("AiPipe's pages. Without a command they are served; their settings are in docs/operate.md.") { HealthCommand.Create() };
}
