using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls.Telemetry;
using AiPipe.Proxy.Infrastructure.OpenApi;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Telemetry;

/// <summary>
/// <c>GET /metrics</c>: this replica's metrics as Prometheus text, for callers that <see cref="TelemetryOptions.Metrics"/> allows.
/// </summary>
internal static class MetricsEndpoint
{
    public static IEndpointRouteBuilder MapMetrics(this IEndpointRouteBuilder routes)
    {
        var access = routes.ServiceProvider.GetRequiredService<IOptions<TelemetryOptions>>().Value.Metrics;
        if (access == MetricsAccess.Off) return routes;
        var endpoint = routes.MapGet("/metrics", static async (HttpContext http, PrometheusExport export) =>
        {
            await export.WriteAsync(http);
            return TypedResults.Empty;
        });
        endpoint.WithTags("Administration").WithSummary("The metrics of this replica as Prometheus text")
            .Gives(typeof(string), ApiDescriptions.Text);
        if (access == MetricsAccess.Admins) endpoint.RequireAdmin();
        else endpoint.ForEverybody();
        return routes;
    }
}
