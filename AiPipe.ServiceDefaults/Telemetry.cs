using Microsoft.Extensions.DependencyInjection;
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

    /// <summary>Adds them where there is somebody to send them to; spans that nobody reads cost time on every call.</summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        if (!builder.HasCollector()) return;
        // The exporter would pass over it in silence, and nothing would ever arrive.
        if (!Uri.TryCreate(builder.Configuration[Endpoint], UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
            throw new InvalidOperationException($"{Endpoint} is not an http(s) address: write it like http://localhost:4317.");
        builder.Services.AddOpenTelemetry()
            // OTEL_SERVICE_NAME, where given, wins over the name given here.
            .ConfigureResource(resource => resource.AddService(builder.Environment.ApplicationName).AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing.SetSampler(new ParentBasedSampler(new CallsOnly())).AddSource("AiPipe")
                .AddAspNetCoreInstrumentation(http => http.Filter = context => !IsProbe(context.Request.Path))
                .AddHttpClientInstrumentation())
            .WithMetrics(metrics => metrics.AddMeter("AiPipe").AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation())
            .WithLogging(configureBuilder: null, configureOptions: logging => logging.IncludeScopes = true)
            .UseOtlpExporter();
    }

    /// <summary>True where somebody listens.</summary>
    public static bool HasCollector(this IHostApplicationBuilder builder) => !string.IsNullOrWhiteSpace(builder.Configuration[Endpoint]);

    /// <summary>What this process asks Redis of its own accord, several times a second, is nobody's call.</summary>
    private sealed class CallsOnly : Sampler
    {
        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) => new(
            samplingParameters.Kind == System.Diagnostics.ActivityKind.Client && samplingParameters.Tags?.Any(tag => tag.Key == "db.system") == true
                ? SamplingDecision.Drop
                : SamplingDecision.RecordAndSample);
    }

    private static bool IsProbe(Microsoft.AspNetCore.Http.PathString path) => path == "/health" || path == "/alive";
}
