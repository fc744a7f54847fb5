using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.RateLimits;

internal static class GuardedEndpoints
{
    /// <summary>In bytes; far more than names, addresses and amounts need.</summary>
    private const int MaxBodyBytes = 16 << 10;

    public static IServiceCollection AddPerMinuteLimit(this IServiceCollection services, string name, int permits) =>
        services.AddPerMinuteLimit(name, _ => permits);

    public static IServiceCollection AddPerMinuteLimit(
        this IServiceCollection services, string name, Func<IServiceProvider, int> permits) =>
        services.AddKeyedSingleton(
            name, (provider, _) => new PerMinuteLimit(name, permits(provider), provider.GetRequiredService<IRateLimiter>()));

    /// <summary>Adds no-store, a body limit and a rate limit, after authentication. An endpoint may raise the body limit.</summary>
    public static TBuilder Guarded<TBuilder>(this TBuilder endpoints, string limit) where TBuilder : IEndpointConventionBuilder =>
        endpoints.ShortBody().AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            http.Response.Headers.CacheControl = "no-store";
            var guard = http.RequestServices.GetRequiredKeyedService<PerMinuteLimit>(limit);
            return await guard.TakeAsync(http) is { } tooOften ? new RefusalResult(tooOften) : await next(context);
        });

    public static TBuilder ShortBody<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.LimitBody(MaxBodyBytes);
}
