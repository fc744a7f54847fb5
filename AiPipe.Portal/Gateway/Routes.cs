namespace AiPipe.Portal.Gateway;

/// <summary>Routes and aliases, and how their targets fare on the replica that was asked: <c>GET /admin/routes</c>.</summary>
public sealed record RouteList(IReadOnlyList<RouteState> Routes, IReadOnlyList<RouteState> Aliases);

/// <summary>A path behind which models answer; or an alias, which has no path.</summary>
/// <param name="Id">The name of its setting.</param>
/// <param name="Paths"><c>null</c> = it is an alias.</param>
/// <param name="Methods"><c>null</c> = all.</param>
/// <param name="Enabled">It is switched on.</param>
/// <param name="Retries">Attempts after the first; <c>null</c> = one for every other target.</param>
/// <param name="FallbackOn">Statuses, <c>timeout</c> and <c>connection</c>.</param>
/// <param name="Sticky">The header that callers stick to a target by.</param>
/// <param name="Targets">Who may answer.</param>
public sealed record RouteState(
    string Id, IReadOnlyList<string>? Paths, IReadOnlyList<string>? Methods, bool Enabled, int? Retries, IReadOnlyList<string> FallbackOn, string? Sticky,
    IReadOnlyList<TargetState> Targets);

/// <summary>Who may answer.</summary>
/// <param name="Provider">Whose model.</param>
/// <param name="Model">Its name there.</param>
/// <param name="Weight">Its share of the calls among those of its priority.</param>
/// <param name="Priority">The highest are asked first.</param>
/// <param name="Host">Where it is, when that is not the provider's own place.</param>
/// <param name="Status"><c>ok</c>, <c>out</c>, or <c>on_trial</c>: the next call tries it.</param>
/// <param name="OutUntil">When it is tried again.</param>
/// <param name="Troubles">In a row.</param>
/// <param name="LastOutcome"><c>answered</c>, <c>4xx</c>, <c>429</c>, <c>5xx</c>, <c>timeout</c> or <c>connection</c>; <c>null</c> = it was not asked yet.</param>
/// <param name="LastStatus">HTTP status, when it answered.</param>
/// <param name="LastUsedAt">When that was.</param>
public sealed record TargetState(
    string Provider, string Model, int Weight, int Priority, string? Host, string Status, DateTimeOffset? OutUntil, int Troubles, string? LastOutcome, int? LastStatus,
    DateTimeOffset? LastUsedAt);

internal static class RoutesApi
{
    public static Task<RouteList> GetRoutesAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/admin/routes", GatewayJson.Default.RouteList, cancellationToken);
}
