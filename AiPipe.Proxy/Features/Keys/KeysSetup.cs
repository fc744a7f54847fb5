using AiPipe.Proxy.Data;
using AiPipe.Proxy.Features.RateLimits;
using AiPipe.Proxy.Journey;
using AiPipe.Proxy.Journey.Budgets.RateLimits;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Proxy.Features.Keys;

/// <summary>Registers the feature: API keys that people make for their own programs.</summary>
internal static class KeysSetup
{
    private const int MaxBodyBytes = 16 << 10;
    private const int PerMinute = 60;

    public static IHostApplicationBuilder AddKeys(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<ApiKeys>().AddSingleton<IReplicated, KeyReading>();
        builder.Services.AddKeyedSingleton(nameof(KeysSetup), static (services, _) => new PerMinuteLimit("keys", PerMinute, services.GetRequiredService<IRateLimiter>()));
        return builder;
    }

    /// <summary>What holds for all endpoints of the feature, after it is known who calls: answers are never kept, bodies are short, nobody asks too often.</summary>
    public static TBuilder Guarded<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).AddEndpointFilter(static async (context, next) =>
        {
            var http = context.HttpContext;
            http.Response.Headers.CacheControl = "no-store";
            var limit = http.RequestServices.GetRequiredKeyedService<PerMinuteLimit>(nameof(KeysSetup));
            return await limit.TakeAsync(http) is { } tooOften ? new RefusalResult(tooOften) : await next(context);
        });
}
