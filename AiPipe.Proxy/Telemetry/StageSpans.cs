using System.Diagnostics;
using AiPipe.Proxy.Journey;
using AiPipe.Proxy.Journey.Pricing;

namespace AiPipe.Proxy.Telemetry;

/// <summary>Spans of a call's stages, children of the server span like the upstream call's. <c>null</c> where nothing listens.</summary>
internal static class StageSpans
{
    public static Activity? Authenticate() => AiPipeTelemetry.Source.StartActivity("authenticate");

    public static Activity? Reserve() => AiPipeTelemetry.Source.StartActivity("reserve");

    /// <summary>Most calls are settled while their response is read, inside the upstream call's span: that becomes the sibling.</summary>
    public static Activity? Settle(GatewayCall call) => call.Span is { } upstream
        ? AiPipeTelemetry.Source.StartActivity(
            "settle", ActivityKind.Internal, new ActivityContext(upstream.TraceId, upstream.ParentSpanId, upstream.ActivityTraceFlags))
        : AiPipeTelemetry.Source.StartActivity("settle");

    /// <summary>Says what a stage refused; <c>null</c> = nothing.</summary>
    public static void Refused(this Activity? span, Refusal? refusal)
    {
        if (refusal is not null) span.Fail(refusal.Code);
    }

    /// <summary>Says how much is reserved.</summary>
    public static void Reserved(this Activity? span, PicoUsd amount)
    {
        if (span is { IsAllDataRequested: true }) span.SetTag("aipipe.reservation.usd", (double)amount.ToUsd());
    }
}
