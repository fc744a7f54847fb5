using System.Diagnostics;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Money;
using AiPipe.ServiceDefaults;

namespace AiPipe.Proxy.Calls.Telemetry;

internal static class StageSpans
{
    public static Activity? Authenticate() => AiPipeTelemetry.Source.StartActivity("authenticate");

    public static Activity? Reserve() => AiPipeTelemetry.Source.StartActivity("reserve");

    /// <summary>Starts the span of the settlement. The parent is the server span, even while the upstream span is current.</summary>
    public static Activity? Settle(CallContext call) => call.Span is { } upstream
        ? AiPipeTelemetry.Source.StartActivity(
            "settle", ActivityKind.Internal, new ActivityContext(upstream.TraceId, upstream.ParentSpanId, upstream.ActivityTraceFlags))
        : AiPipeTelemetry.Source.StartActivity("settle");

    public static void Refused(this Activity? span, Refusal? refusal)
    {
        if (refusal is not null) span.Fail(refusal.Code);
    }

    public static void Reserved(this Activity? span, PicoUsd amount)
    {
        if (span is { IsAllDataRequested: true }) span.SetTag("aipipe.reservation.usd", (double)amount.ToUsd());
    }
}
