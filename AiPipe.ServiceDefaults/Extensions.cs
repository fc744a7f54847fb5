using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiPipe.ServiceDefaults;

/// <summary>Telemetry, service discovery and health checks, the same in every service of AiPipe.</summary>
public static class Extensions
{
    private const string Live = "live";

    /// <summary>Adds service discovery, health checks and, if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector, telemetry.</summary>
    /// <exception cref="InvalidOperationException">The collector's address is not an http(s) URL.</exception>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        // Below Warning, ASP.NET logs URLs with their query, in which Gemini's clients send the API key.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // Below these levels, the clients log every command and every step of a connection.
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning).AddFilter("StackExchange.Redis", LogLevel.Error);
        builder.AddTelemetry();
        builder.AddServiceDiscovery();
        builder.Services.AddHealthChecks().AddCheck("self", static () => HealthCheckResult.Healthy(), [Live]);
        builder.Services.PostConfigure<HealthCheckServiceOptions>(static options =>
        {
            foreach (var check in options.Registrations) check.Factory = TimedHealthCheck.Wrap(check.Factory);
        });
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (ready: Postgres and Redis have responded) and <c>/alive</c> (this process responds). The response is 200 with
    /// <c>Healthy</c>, 200 with <c>Degraded</c> if a server no longer responds, or 503 with <c>Unhealthy</c>; without details, because both
    /// endpoints are public.
    /// </summary>
    public static TApp MapDefaultEndpoints<TApp>(this TApp app) where TApp : IEndpointRouteBuilder
    {
        app.MapHealthChecks("/health");
        app.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = static check => check.Tags.Contains(Live) });
        return app;
    }
}
