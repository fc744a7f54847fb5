using AiPipe.ServiceDefaults;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace AiPipe.Proxy.Telemetry;

/// <summary>
/// Writes metrics as Prometheus text. Collection begins with the first scrape, so that a gateway without Prometheus does not spend time on
/// it. Counters start at zero then, as after a restart.
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
            // Without a cache, so that each scrape has the latest values.
            .AddPrometheusExporter(static exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0)
            .Build();
        return new ApplicationBuilder(services)
            .UseOpenTelemetryPrometheusScrapingEndpoint(
                _meters, predicate: static _ => true, path: null, configureBranchedPipeline: null, optionsName: null)
            .Build();
    }
}
