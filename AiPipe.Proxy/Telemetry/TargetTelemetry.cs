using System.Diagnostics;
using System.Diagnostics.Metrics;
using AiPipe.Proxy.Journey;
using AiPipe.Proxy.Journey.Backends.Routes;

namespace AiPipe.Proxy.Telemetry;

/// <summary>How routes' targets fare. Tags are what the operator wrote, never what a caller sent.</summary>
internal static class TargetTelemetry
{
    private static readonly Counter<long> Attempts =
        AiPipeTelemetry.Meter.CreateCounter<long>("aipipe.target.attempts", "{attempt}", "Calls of routes and aliases to their targets, by what came of them.");
    private static readonly Counter<long> TakenOut =
        AiPipeTelemetry.Meter.CreateCounter<long>("aipipe.target.taken_out", "{target}", "How often a target was left alone for a while.");

    /// <summary>A target was asked.</summary>
    /// <param name="call">With which call.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="isTakenOut">That was once too often.</param>
    public static void Asked(GatewayCall call, TargetOutcome outcome, bool isTakenOut)
    {
        var (route, target) = (call.Routed!.Route, call.Routed.Target);
        call.Span?.SetTag("aipipe.route", route.Id);
        var tags = new TagList { { "aipipe.route", route.Id }, { "gen_ai.provider.name", call.Provider.TelemetryName }, { "gen_ai.request.model", target.Model } };
        if (isTakenOut) TakenOut.Add(1, tags);
        tags.Add("aipipe.outcome", outcome.Word);
        Attempts.Add(1, tags);
    }
}
