using AiPipe.ServiceDefaults;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace AiPipe.Proxy.Telemetry;

/// <summary>Writes metrics as Prometheus text. Collection starts with the first scrape, so counters start at zero then.</summary>
internal sealed class PrometheusExport(IServiceProvider services) : IDisposable
{
    private readonly Lock _gate = new();
    private MeterProvider? _meters;
    private RequestDelegate? _scrape;

    public Task WriteAsync(HttpContext http) => Scrape()(http);

    public void Dispose() => _meters?.Dispose();

    private RequestDelegate Scrape()
    {
        lock (_gate)
        {
            return _scrape ??= Start();
        }
    }

    private RequestDelegate Start()
    {
        _meters = Sdk.CreateMeterProviderBuilder()
            .AddMeter(AiPipeTelemetry.Name, "Microsoft.AspNetCore.Hosting", "System.Runtime")
            // No cache: each scrape returns the latest values.
            .AddPrometheusExporter(static exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0)
            .Build();
        return new ApplicationBuilder(services)
            .UseOpenTelemetryPrometheusScrapingEndpoint(
                _meters, predicate: static _ => true, path: null, configureBranchedPipeline: null, optionsName: null)
            .Build();
    }
}
