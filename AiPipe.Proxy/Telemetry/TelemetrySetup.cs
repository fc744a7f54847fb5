using AiPipe.Proxy.Calls.Telemetry;
using AiPipe.Proxy.Calls.Telemetry.Content;
using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Telemetry;

/// <summary>Registers telemetry services. The static classes that record spans and metrics need no registration.</summary>
internal static class TelemetrySetup
{
    public static IHostApplicationBuilder AddProxyTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSection<TelemetryOptions>(TelemetryOptions.Section);
        builder.Services.AddSingleton<ContentCapture>().AddSingleton<PrometheusExport>().AddActivatedSingleton<ServerGauges>();
        return builder;
    }
}
