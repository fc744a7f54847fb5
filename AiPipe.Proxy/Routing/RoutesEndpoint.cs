using System.Text.Json.Serialization;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Routing;

/// <summary><c>GET /admin/routes</c>: routes and aliases with their targets, and how those fare, as far as this process has seen.</summary>
internal static class RoutesEndpoint
{
    private const string Path = "/admin/routes";

    public static IEndpointRouteBuilder MapRoutes(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, List).RequireAdmin();
        routes.Map(Path, static () => new RefusalResult(Refusal.MethodNotAllowed($"GET {Path}")));
        return routes;
    }

    private static IResult List(RouteBook book, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var all = book.All.OrderBy(route => route.Id, StringComparer.OrdinalIgnoreCase).ToList();
        return Results.Json(new RouteList(
            [.. all.Where(route => !route.IsAlias).Select(route => RouteView.Of(route, now))],
            [.. all.Where(route => route.IsAlias).Select(route => RouteView.Of(route, now))]), RoutesJson.Default.RouteList);
    }
}

internal sealed record RouteList(IReadOnlyList<RouteView> Routes, IReadOnlyList<RouteView> Aliases);

/// <summary>A route, or an alias, which has no paths.</summary>
internal sealed record RouteView(
    string Id, IReadOnlyList<string>? Paths, IReadOnlyList<string>? Methods, bool Enabled, int? Retries, IReadOnlyList<string> FallbackOn, string? Sticky,
    IReadOnlyList<TargetView> Targets)
{
    public static RouteView Of(ModelRoute route, DateTimeOffset now) => new(
        route.Id, route.IsAlias ? null : route.Paths, route.Methods.Count == 0 ? null : route.Methods, route.IsEnabled, route.Retries, route.FallbackOn.Words, route.Sticky,
        [.. route.Targets.Select(target => TargetView.Of(target, now))]);
}

/// <summary>A target: without its headers and parameters, which may be secrets.</summary>
internal sealed record TargetView(
    string Provider, string Model, int Weight, int Priority, string? Host, string Status, DateTimeOffset? OutUntil, int Troubles, string? LastOutcome, int? LastStatus,
    DateTimeOffset? LastUsedAt)
{
    public static TargetView Of(RouteTarget target, DateTimeOffset now)
    {
        var state = target.Health.At(now);
        return new TargetView(
            target.Provider, target.Model, target.Weight, target.Priority, target.Endpoint?.Authority, state.Status, state.OutUntil, state.Troubles, state.Last?.Word,
            (state.Last as TargetOutcome.Answered)?.Status, state.LastAt);
    }
}

[JsonSerializable(typeof(RouteList))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
internal sealed partial class RoutesJson : JsonSerializerContext;
