using AiPipe.Proxy.Errors;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Proxy.RateLimits;

/// <summary>What holds for endpoints about people and their things: answers are kept by nobody, bodies are short, nobody asks too often.</summary>
internal static class GuardedEndpoints
{
    /// <summary>Far more than names, addresses and amounts.</summary>
    private const int MaxBodyBytes = 16 << 10;

    /// <summary>A limit by name, which <see cref="Guarded"/> asks for.</summary>
    public static IServiceCollection AddPerMinuteLimit(this IServiceCollection services, string name, int permits) =>
        services.AddPerMinuteLimit(name, _ => permits);

    public static IServiceCollection AddPerMinuteLimit(this IServiceCollection services, string name, Func<IServiceProvider, int> permits) =>
        services.AddKeyedSingleton(name, (provider, _) => new PerMinuteLimit(name, permits(provider), provider.GetRequiredService<IRateLimiter>()));

    /// <summary>Guards endpoints, after it is known who calls; a longer body is said where it may be.</summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="limit">The limit that they share.</param>
    public static TBuilder Guarded<TBuilder>(this TBuilder endpoints, string limit) where TBuilder : IEndpointConventionBuilder =>
        endpoints.ShortBody().AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            http.Response.Headers.CacheControl = "no-store";
            var guard = http.RequestServices.GetRequiredKeyedService<PerMinuteLimit>(limit);
            return await guard.TakeAsync(http) is { } tooOften ? new RefusalResult(tooOften) : await next(context);
        });

    public static TBuilder ShortBody<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));
}
