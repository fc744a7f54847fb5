using AiPipe.Proxy.Callers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Routing;

/// <summary><c>GET /admin/routes</c>: routes and aliases with their targets, and the state of those in this process.</summary>
internal static class RoutesEndpoint
{
    private const string Path = "/admin/routes";

    public static IEndpointRouteBuilder MapRoutes(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, List).RequireAdmin().WithTags("Administration")
            .WithSummary("List routes and aliases with the state of their targets");
        return routes;
    }

    private static Ok<RouteList> List(RouteTable routes, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var all = routes.All.OrderBy(route => route.Id, StringComparer.OrdinalIgnoreCase).ToList();
        return TypedResults.Ok(new RouteList(
            [.. all.Where(route => !route.IsAlias).Select(route => ToContract(route, now))],
            [.. all.Where(route => route.IsAlias).Select(route => ToContract(route, now))]));
    }

    private static RouteInfo ToContract(ModelRoute route, DateTimeOffset now) => new(
        route.Id, route.IsAlias ? null : route.Paths, route.Methods.Count == 0 ? null : route.Methods, route.IsEnabled, route.Retries,
        route.FallbackOn.Words, route.Sticky, [.. route.Targets.Select(target => ToContract(target, now))]);

    private static TargetInfo ToContract(RouteTarget target, DateTimeOffset now)
    {
        var state = target.Breaker.At(now);
        return new TargetInfo(
            target.Provider, target.Model, target.Weight, target.Priority, target.Endpoint?.Authority, state.Status, state.OpenUntil,
                state.ConsecutiveFailures, state.Last?.Word,
            (state.Last as TargetOutcome.Answered)?.Status, state.LastAt);
    }
}
