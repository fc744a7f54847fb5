using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.HttpOverrides;

namespace AiPipe.Portal;

/// <summary>The pages that people see; they talk to the gateway's own API only.</summary>
public sealed class Program
{
    private Program() { }

    public static void Main(string[] args) => Build(args).Run();

    /// <summary>Builds the Portal as a process of its own, behind the gateway, which alone is reached from outside.</summary>
    /// <param name="args">Command line: configuration such as <c>--Portal:Gateway http://proxy:8787</c>.</param>
    public static WebApplication Build(string[] args)
    {
        var builder = StaticConfiguration.CreateBuilder(args);
        builder.AddServiceDefaults();
        builder.AddPortal();
        builder.Services.Configure<ForwardedHeadersOptions>(static forwarded =>
        {
            // Whom a page is for and by which name is the gateway's word, wherever in the cluster it runs.
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
        });
        var app = builder.Build();
        app.UseForwardedHeaders();
        app.MapDefaultEndpoints();
        app.MapPortal();
        return app;
    }
}
