using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AiPipe.ServiceDefaults;

/// <summary>The activity source and the meter of the gateway, both named <c>AiPipe</c>.</summary>
public static class AiPipeTelemetry
{
    public const string Name = "AiPipe";

    /// <summary>https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/</summary>
    public const string ErrorType = "error.type";

    public static readonly ActivitySource Source = new(Name);
    public static readonly Meter Meter = new(Name);

    /// <summary>Marks a span as failed.</summary>
    /// <param name="span">The span; <c>null</c> does nothing.</param>
    /// <param name="type">The error code of a refusal, an HTTP status or an exception's type.</param>
    public static void Fail(this Activity? span, string type) => span?.SetTag(ErrorType, type).SetStatus(ActivityStatusCode.Error);
}
