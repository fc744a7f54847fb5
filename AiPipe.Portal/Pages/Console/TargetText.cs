using System.Globalization;
using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.Pages.Console;

/// <summary>What pages say of routes and their targets.</summary>
public static class TargetText
{
    /// <summary>What came of a target's last call; <c>null</c> = there was none.</summary>
    public static string? Last(TargetInfo target) => target switch
    {
        { LastStatus: { } status } => string.Create(CultureInfo.InvariantCulture, $"last answer {status}"),
        { LastOutcome: "timeout" } => "timed out last",
        { LastOutcome: "connection" } => "not reached last",
        _ => target.LastOutcome,
    };

    /// <summary>What makes another target be asked, and how often; <c>null</c> = nobody else is.</summary>
    public static string? Fallback(RouteInfo route)
    {
        if ((route.Retries ?? route.Targets.Count - 1) == 0 || route.FallbackOn.Count == 0) return null;
        var most = route.Retries is { } retries ? string.Create(CultureInfo.InvariantCulture, $", {retries} more at most") : "";
        return string.Join(' ', route.FallbackOn) + most;
    }
}
