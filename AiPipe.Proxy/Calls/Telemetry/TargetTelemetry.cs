using System.Diagnostics;
using System.Diagnostics.Metrics;
using AiPipe.Proxy.Routing;
using AiPipe.ServiceDefaults;

namespace AiPipe.Proxy.Calls.Telemetry;

/// <summary>Metrics of the targets of routes and aliases. Tags contain only names from the configuration, never text of a caller.</summary>
internal static class TargetTelemetry
{
    private static readonly Counter<long> Attempts = AiPipeTelemetry.Meter.CreateCounter<long>(
        "aipipe.target.attempts", "{attempt}", "Attempts to call the targets of routes and aliases, by outcome.");
    private static readonly Counter<long> Openings = AiPipeTelemetry.Meter.CreateCounter<long>(
        "aipipe.target.circuit_breaker.openings", "{opening}", "How often the circuit breaker of a target opened.");

    public static void Attempted(CallContext call, TargetOutcome outcome, bool opensBreaker)
    {
        var (route, target) = (call.Routed!.Route, call.Routed.Target);
        call.Span?.SetTag("aipipe.route", route.Id);
        var tags = new TagList
        {
            { "aipipe.route", route.Id },
            { "gen_ai.provider.name", call.Provider.TelemetryName },
            { "gen_ai.request.model", target.Model },
        };
        if (opensBreaker) Openings.Add(1, tags);
        tags.Add("aipipe.outcome", outcome.Word);
        Attempts.Add(1, tags);
    }
}
