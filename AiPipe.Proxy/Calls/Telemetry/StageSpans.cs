using System.Diagnostics;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using AiPipe.ServiceDefaults;

namespace AiPipe.Proxy.Calls.Telemetry;

/// <summary>The spans of a call's stages. Like the upstream call's span, they are children of the server span.</summary>
internal static class StageSpans
{
    public static Activity? Authenticate() => AiPipeTelemetry.Source.StartActivity("authenticate");

    public static Activity? Reserve() => AiPipeTelemetry.Source.StartActivity("reserve");

    /// <summary>
    /// Starts the span of the settlement. Most calls are settled while their response is read, when the upstream span is current. The
    /// parent is the server span all the same.
    /// </summary>
    public static Activity? Settle(CallContext call) => call.Span is { } upstream
        ? AiPipeTelemetry.Source.StartActivity(
            "settle", ActivityKind.Internal, new ActivityContext(upstream.TraceId, upstream.ParentSpanId, upstream.ActivityTraceFlags))
        : AiPipeTelemetry.Source.StartActivity("settle");

    /// <summary>Marks a stage's span as failed if the stage refused the call.</summary>
    public static void Refused(this Activity? span, Refusal? refusal)
    {
        if (refusal is not null) span.Fail(refusal.Code);
    }

    /// <summary>Records the reserved amount.</summary>
    public static void Reserved(this Activity? span, PicoUsd amount)
    {
        if (span is { IsAllDataRequested: true }) span.SetTag("aipipe.reservation.usd", (double)amount.ToUsd());
    }
}
