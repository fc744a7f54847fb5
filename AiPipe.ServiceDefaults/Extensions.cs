using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiPipe.ServiceDefaults;

/// <summary>What every service of AiPipe has: telemetry, health, and its database by name.</summary>
public static class Extensions
{
    private const string Live = "live";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Adds telemetry (exported where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set) and health checks.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        // Below Warning, ASP.NET logs addresses with their query, where Gemini's clients put their key.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // Their clients tell of every command and every step of a connection.
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning).AddFilter("StackExchange.Redis", LogLevel.Error);
        builder.AddTelemetry();
        builder.AddServiceDiscovery();
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [Live]);
        // Whoever asks wants to know now.
        builder.Services.Configure<HealthCheckServiceOptions>(static options =>
        {
            foreach (var check in options.Registrations) check.Timeout = Patience;
        });
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c>: ready for calls, so the database answers; and <c>/alive</c>: the process answers, whatever its database does.
    /// Both say <c>Healthy</c> with 200 or <c>Unhealthy</c> with 503, and nothing else to strangers.
    /// </summary>
    public static TApp MapDefaultEndpoints<TApp>(this TApp app) where TApp : IEndpointRouteBuilder
    {
        app.MapHealthChecks("/health");
        app.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Live) });
        return app;
    }
}
