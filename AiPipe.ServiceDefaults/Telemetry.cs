#if ASPIRE
using Microsoft.Extensions.DependencyInjection;
#endif
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AiPipe.ServiceDefaults;

/// <summary>Traces, metrics and logs by OpenTelemetry.</summary>
internal static class Telemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private static readonly string[] Sources = ["AiPipe", "Microsoft.AspNetCore", "System.Net.Http", "Npgsql"];
    private static readonly string[] Meters = ["AiPipe", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "Npgsql", "System.Runtime"];

    /// <summary>Adds them where there is somebody to send them to; spans that nobody reads cost time on every call.</summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration[Endpoint])) return;
        // The exporter would pass over it in silence, and nothing would ever arrive.
        if (!Uri.TryCreate(builder.Configuration[Endpoint], UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
            throw new InvalidOperationException($"{Endpoint} is not an http(s) address: write it like http://localhost:4317.");
        builder.Services.AddOpenTelemetry()
            // OTEL_SERVICE_NAME, where given, wins over the name given here.
            .ConfigureResource(resource => resource.Clear()
                .AddService(builder.Environment.ApplicationName).AddTelemetrySdk().AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing.AddSource(Sources))
            .WithMetrics(metrics => metrics.AddMeter(Meters))
            .WithLogging(configureBuilder: null, configureOptions: logging => logging.IncludeScopes = true)
            .UseOtlpExporter();
    }
}
