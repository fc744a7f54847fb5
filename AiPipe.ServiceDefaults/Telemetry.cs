using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AiPipe.ServiceDefaults;

/// <summary>Traces, metrics and logs with OpenTelemetry, exported over OTLP.</summary>
internal static class Telemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // Aspire sets both in Development. Queries must stay redacted there, too, because they contain tokens and sign-in links.
    private static readonly string[] Unredacted =
    [
        "OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION",
        "OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION",
    ];

    /// <summary>Adds instrumentation and exporters if a collector is configured. Otherwise calls have no cost for telemetry.</summary>
    /// <exception cref="InvalidOperationException">The collector's address is not an http(s) URL.</exception>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        if (!builder.HasCollector()) return;
        // The exporter would silently ignore an invalid address.
        var isUrl = Uri.TryCreate(builder.Configuration[Endpoint], UriKind.Absolute, out var endpoint);
        if (!isUrl || endpoint?.Scheme is not ("http" or "https"))
            throw new InvalidOperationException($"{Endpoint} is not an http(s) URL. Write it like http://localhost:4317");
        foreach (var setting in Unredacted) builder.Configuration[setting] = "false";
        builder.Services.AddOpenTelemetry()
            // OTEL_SERVICE_NAME, if set, replaces this name.
            .ConfigureResource(resource => resource.AddService(builder.Environment.ApplicationName).AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing.AddSource(AiPipeTelemetry.Name)
                .SetSampler(CausedSpanSampler.FromConfiguration(builder.Configuration))
                .AddAspNetCoreInstrumentation(static http => http.Filter = static context => !IsProbe(context.Request.Path))
                .AddHttpClientInstrumentation())
            .WithMetrics(static metrics => metrics.AddMeter(AiPipeTelemetry.Name)
                .AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation())
            .WithLogging(configureBuilder: null, static logging => (logging.IncludeScopes, logging.IncludeFormattedMessage) = (true, true))
            .UseOtlpExporter();
    }

    /// <summary>True if a collector is configured.</summary>
    public static bool HasCollector(this IHostApplicationBuilder builder) => !string.IsNullOrWhiteSpace(builder.Configuration[Endpoint]);

    private static bool IsProbe(PathString path) => path == "/health" || path == "/alive" || path == "/metrics";
}
