using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AiPipe.Proxy.Telemetry;

/// <summary>The one source of spans and the one meter of the gateway, both called <c>AiPipe</c>.</summary>
internal static class AiPipeTelemetry
{
    public const string Name = "AiPipe";

    public static readonly ActivitySource Source = new(Name);
    public static readonly Meter Meter = new(Name);
}
