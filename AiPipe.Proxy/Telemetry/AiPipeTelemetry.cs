using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AiPipe.Proxy.Telemetry;

/// <summary>The gateway's one source of spans and its one meter, both called <c>AiPipe</c>.</summary>
internal static class AiPipeTelemetry
{
    public const string Name = "AiPipe";

    /// <summary>https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/</summary>
    public const string ErrorType = "error.type";

    public static readonly ActivitySource Source = new(Name);
    public static readonly Meter Meter = new(Name);

    /// <summary>Marks a span as failed.</summary>
    /// <param name="span">Does nothing without one.</param>
    /// <param name="type">Of a closed set: a refusal's code, an HTTP status, an exception's type.</param>
    public static void Fail(this Activity? span, string type) => span?.SetTag(ErrorType, type).SetStatus(ActivityStatusCode.Error);
}
