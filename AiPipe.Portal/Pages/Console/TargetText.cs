using System.Globalization;

namespace AiPipe.Portal.Pages.Console;

/// <summary>How pages describe routes and their targets.</summary>
public static class TargetText
{
    /// <summary>The result of a target's last call; <c>null</c> = there was none.</summary>
    public static string? Last(TargetInfo target) => target switch
    {
        { LastStatus: { } status } => string.Create(CultureInfo.InvariantCulture, $"last response {status}"),
        { LastOutcome: "timeout" } => "last call timed out",
        { LastOutcome: "connection" } => "last call could not connect",
        _ => target.LastOutcome,
    };

    /// <summary>When the next target is tried, and how often; <c>null</c> = never.</summary>
    public static string? Fallback(RouteInfo route)
    {
        if ((route.Retries ?? route.Targets.Count - 1) == 0 || route.FallbackOn.Count == 0) return null;
        var most = route.Retries is { } retries
            ? string.Create(CultureInfo.InvariantCulture, $", at most {retries} time{(retries == 1 ? "" : "s")}")
            : "";
        return string.Join(", ", route.FallbackOn) + most;
    }
}
