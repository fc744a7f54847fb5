using Microsoft.AspNetCore.Routing.Patterns;

namespace AiPipe.Proxy.Errors;

/// <summary>
/// What becomes of requests that no endpoint takes. They are not matched by patterns such as <c>/{provider}/{**path}</c>, because routing
/// would send a wrong method of any other endpoint there, too: as it is, routing tells a wrong method (405) from a wrong path.
/// </summary>
internal sealed class UnmatchedRequests
{
    private readonly Dictionary<string, Below> _below = new(StringComparer.OrdinalIgnoreCase);
    private RouteEndpoint? _others;

    /// <summary>Requests below a first segment of our own.</summary>
    /// <param name="segment">The segment, without slashes.</param>
    /// <param name="check">Refuses callers before they are told what there is; <c>null</c> = everybody is told.</param>
    public void MapBelow(string segment, Func<HttpContext, ValueTask<Refusal?>>? check = null) => _below[segment] = new Below(check);

    /// <summary>All other requests.</summary>
    /// <param name="pattern">For telemetry: it matches nothing.</param>
    /// <param name="handler">Takes them.</param>
    public void MapOthers(string pattern, RequestDelegate handler)
    {
        var builder = new RouteEndpointBuilder(handler, RoutePatternFactory.Parse(pattern), int.MaxValue) { DisplayName = pattern };
        _others = (RouteEndpoint)builder.Build();
    }

    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var endpoint = http.GetEndpoint();
        if (endpoint is RouteEndpoint) return next(http);
        var segments = _below.GetAlternateLookup<ReadOnlySpan<char>>();
        if (segments.TryGetValue(FirstSegment(http.Request.Path), out var below)) return RefuseAsync(http, endpoint, below, next);
        if (endpoint is not null) return RefuseAsync(http, endpoint, new Below(Check: null), next);
        if (_others is not null) http.SetEndpoint(_others);
        return next(http);
    }

    /// <summary>The first segment of a path.</summary>
    public static ReadOnlySpan<char> FirstSegment(PathString path)
    {
        var text = path.Value is ['/', ..] ? path.Value.AsSpan(1) : path.Value;
        var slash = text.IndexOf('/');
        return slash < 0 ? text : text[..slash];
    }

    private static async Task RefuseAsync(HttpContext http, Endpoint? wrongMethod, Below below, RequestDelegate next)
    {
        if (below.Check is not null && await below.Check(http) is { } refusal)
        {
            await RefusalWriter.WriteAsync(http, refusal);
            return;
        }
        if (wrongMethod is null)
        {
            await RefusalWriter.WriteAsync(http, Refusal.NotFound(http.Request.Path));
            return;
        }
        // Routing's own endpoint for this, which knows the methods that there are.
        await next(http);
        if (http.Response.StatusCode == StatusCodes.Status405MethodNotAllowed)
            await RefusalWriter.WriteAsync(http, Refusal.MethodNotAllowed(http.Response.Headers.Allow.ToString(), http.Request.Path));
    }

    private sealed record Below(Func<HttpContext, ValueTask<Refusal?>>? Check);
}

internal static class UnmatchedRequestsExtensions
{
    public static WebApplicationBuilder AddUnmatchedRequests(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UnmatchedRequests>();
        return builder;
    }

    /// <summary>Refuses wrong methods and wrong paths of ours; all other requests go to providers.</summary>
    public static IApplicationBuilder UseUnmatchedRequests(this IApplicationBuilder app)
    {
        var unmatched = app.ApplicationServices.GetRequiredService<UnmatchedRequests>();
        return app.Use(next => http => unmatched.InvokeAsync(http, next));
    }

    /// <summary>Refuses requests below a segment of our own that no endpoint takes, instead of calling a provider of that name.</summary>
    public static IEndpointRouteBuilder MapUnmatched(
        this IEndpointRouteBuilder routes, string segment, Func<HttpContext, ValueTask<Refusal?>>? check = null)
    {
        // A feature that runs alone, in a test, has no providers beside it.
        routes.ServiceProvider.GetService<UnmatchedRequests>()?.MapBelow(segment, check);
        return routes;
    }
}
