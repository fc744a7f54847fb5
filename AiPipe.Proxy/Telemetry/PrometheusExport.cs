using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace AiPipe.Proxy.Telemetry;

/// <summary>
/// Writes metrics as Prometheus text. Collection begins with the first scrape: where nobody scrapes, calls do not pay for it. Counters
/// then begin at zero, as after a restart.
/// </summary>
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
            // Each scrape collects anew: a cached text could miss what its reader has just seen happen.
            .AddPrometheusExporter(static exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0)
            .Build();
        return new ApplicationBuilder(services)
            .UseOpenTelemetryPrometheusScrapingEndpoint(
                _meters, predicate: static _ => true, path: null, configureBranchedPipeline: null, optionsName: null)
            .Build();
    }
}
