using AiPipe.Proxy.Data;
using AiPipe.Proxy.Features.RateLimits;
using AiPipe.Proxy.Features.SignIn;
using AiPipe.Proxy.Journey;
using AiPipe.Proxy.Journey.Budgets.RateLimits;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Features.Apps;

/// <summary>Registers and maps the feature: web apps without a back end, each with a slice of the budget of whoever uses it.</summary>
internal static class AppsSetup
{
    /// <summary>Far more than an address and a state.</summary>
    private const int MaxBodyBytes = 16 << 10;

    public static IHostApplicationBuilder AddApps(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SignInOptions>().Validate(static options => options.Origins.All(OwnOrigins.IsOrigin),
            "AiPipe:Logins:Origins has an entry that is no web origin: write it like https://aipipe.example.com.");
        builder.Services.AddSingleton<OwnOrigins>().AddSingleton<AppTokens>().AddScoped<AppGrants>().AddScoped<AppCodes>().AddScoped<Granting>().AddSingleton<IReplicated, Revocations>();
        builder.Services.AddKeyedSingleton(nameof(AppsSetup), static (services, _) =>
            new PerMinuteLimit("apps", services.GetRequiredService<IOptions<SignInOptions>>().Value.PerMinute, services.GetRequiredService<IRateLimiter>()));
        return builder;
    }

    public static IEndpointRouteBuilder MapApps(this IEndpointRouteBuilder routes)
    {
        routes.MapGrants().MapExchange();
        return routes;
    }

    /// <summary>
    /// What holds for all endpoints of the feature, after it is known who calls: answers are never kept, bodies are short, nobody
    /// asks too often or waits for ever.
    /// </summary>
    public static TBuilder Guarded<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).AddEndpointFilter(static async (context, next) =>
        {
            var http = context.HttpContext;
            http.Response.Headers.CacheControl = "no-store";
            var limit = http.RequestServices.GetRequiredKeyedService<PerMinuteLimit>(nameof(AppsSetup));
            return await limit.TakeAsync(http) is { } tooOften ? new RefusalResult(tooOften) : await next(context);
        });
}
