using AiPipe.Proxy.Accounts.SignIn;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>Registers and maps web apps without a back end, each with an allowance of its user's budget.</summary>
internal static class AppsSetup
{
    public const string Limit = "apps";

    public static IHostApplicationBuilder AddApps(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SignInOptions>().Validate(static options => options.Origins.All(OwnOrigins.IsOrigin),
            "AiPipe:Logins:Origins has an entry that is not a web origin: write it like https://aipipe.example.com.");
        builder.Services.AddSingleton<OwnOrigins>().AddSingleton<AppTokens>().AddScoped<AppGrants>().AddScoped<AppCodes>()
            .AddScoped<Granting>().AddSingleton<ICachedState, Revocations>();
        builder.Services.AddPerMinuteLimit(
            Limit, static services => services.GetRequiredService<IOptions<SignInOptions>>().Value.PerMinute);
        return builder;
    }

    public static IEndpointRouteBuilder MapApps(this IEndpointRouteBuilder routes)
    {
        routes.MapGrants().MapExchange();
        return routes;
    }
}
