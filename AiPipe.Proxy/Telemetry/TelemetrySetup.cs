using AiPipe.Proxy.Edge;
using AiPipe.Proxy.Telemetry.Content;

namespace AiPipe.Proxy.Telemetry;

/// <summary>Registers what collects telemetry. Spans and metrics are recorded where something happens; they need no registration.</summary>
internal static class TelemetrySetup
{
    public static IHostApplicationBuilder AddProxyTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSection<TelemetryOptions>(TelemetryOptions.Section);
        builder.Services.AddSingleton<ContentCapture>().AddSingleton<PrometheusExport>().AddActivatedSingleton<ServerGauges>();
        return builder;
    }
}
