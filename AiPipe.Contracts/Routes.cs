namespace AiPipe.Contracts;

/// <summary>
/// Routes and aliases with the state of their targets, as the replica that responds has seen them: <c>GET /admin/routes</c>.
/// </summary>
/// <param name="Routes">They have paths of their own.</param>
/// <param name="Aliases">They have a model's name.</param>
public sealed record RouteList(IReadOnlyList<RouteInfo> Routes, IReadOnlyList<RouteInfo> Aliases);

/// <summary>A route, or an alias.</summary>
/// <param name="Id">The name of its setting.</param>
/// <param name="Paths">Absent for an alias.</param>
/// <param name="Methods">Absent = every method.</param>
/// <param name="Enabled">It takes calls.</param>
/// <param name="Retries">Attempts after the first; absent = one for each other target.</param>
/// <param name="FallbackOn">HTTP statuses, <c>timeout</c> and <c>connection</c>.</param>
/// <param name="Sticky">The header that session affinity goes by.</param>
/// <param name="Targets">The models that answer.</param>
public sealed record RouteInfo(
    string Id, IReadOnlyList<string>? Paths, IReadOnlyList<string>? Methods, bool Enabled, int? Retries, IReadOnlyList<string> FallbackOn,
    string? Sticky,
    IReadOnlyList<TargetInfo> Targets);

/// <summary>A target, without its headers and parameters, which may be secret.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Model">The model's name there.</param>
/// <param name="Weight">Its share of the calls among targets of the same priority.</param>
/// <param name="Priority">The highest is tried first.</param>
/// <param name="Host">Where it is, where that is not the provider's own address.</param>
/// <param name="Status">Of its circuit breaker: <c>ok</c> (closed), <c>open</c> or <c>half_open</c>.</param>
/// <param name="OpenUntil">When an open circuit breaker lets a call through again.</param>
/// <param name="Troubles">Failures in a row.</param>
/// <param name="LastOutcome"><c>answered</c>, <c>4xx</c>, <c>429</c>, <c>5xx</c>, <c>timeout</c> or <c>connection</c>.</param>
/// <param name="LastStatus">The last HTTP status.</param>
/// <param name="LastUsedAt">When it was tried last.</param>
public sealed record TargetInfo(
    string Provider, string Model, int Weight, int Priority, string? Host, string Status, DateTimeOffset? OpenUntil, int Troubles,
    string? LastOutcome, int? LastStatus,
    DateTimeOffset? LastUsedAt);
