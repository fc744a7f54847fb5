using Microsoft.AspNetCore.Routing.Patterns;

namespace AiPipe.Proxy.Errors;

/// <summary>
/// Handles requests that no endpoint matches. A catch-all pattern such as <c>/{provider}/{**path}</c> would also match wrong methods of
/// other endpoints; without one, routing distinguishes 405 from 404.
/// </summary>
internal sealed class UnmatchedRequests
{
    private readonly Dictionary<string, Below> _below = new(StringComparer.OrdinalIgnoreCase);
    private RouteEndpoint? _others;

    /// <param name="check">Refuses callers before the response reveals which paths exist; <c>null</c> = no check.</param>
    public void MapBelow(string segment, Func<HttpContext, ValueTask<Refusal?>>? check = null) => _below[segment] = new Below(check);

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
        // Routing's own 405 endpoint, which knows the allowed methods.
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

    /// <summary>Refuses wrong methods and paths below AiPipe's own segments; providers get all other requests.</summary>
    public static IApplicationBuilder UseUnmatchedRequests(this IApplicationBuilder app)
    {
        var unmatched = app.ApplicationServices.GetRequiredService<UnmatchedRequests>();
        return app.Use(next => http => unmatched.InvokeAsync(http, next));
    }

    /// <summary>Refuses unmatched requests below one of AiPipe's own segments instead of forwarding them to a provider.</summary>
    public static IEndpointRouteBuilder MapUnmatched(
        this IEndpointRouteBuilder routes, string segment, Func<HttpContext, ValueTask<Refusal?>>? check = null)
    {
        // A test may run one feature without providers.
        routes.ServiceProvider.GetService<UnmatchedRequests>()?.MapBelow(segment, check);
        return routes;
    }
}
