using AiPipe.Proxy.Features.Hosts;
using AiPipe.Proxy.Features.Keys;
using AiPipe.Proxy.Features.RateLimits;
using AiPipe.Proxy.Journey.Backends;
using AiPipe.Proxy.Journey.Budgets.RateLimits;

namespace AiPipe.Proxy.Features.AccessTokens;

/// <summary>Registers the feature: what an operator of ai-proxy-cloudflare does with its access token, or an admin with theirs.</summary>
internal static class AccessTokensSetup
{
    private const int WrongsPerMinute = 20;

    public static WebApplicationBuilder AddAccessTokens(this WebApplicationBuilder builder)
    {
        // Read now, so that a wrong one stops the start and not the first request.
        var token = AccessToken.Read(builder.Configuration, new ProviderCatalog(ProviderConfiguration.Read(builder.Configuration)));
        builder.Services.AddSingleton(token).AddSingleton<SecretPaths>().AddScoped<RegisteredKeys>().AddScoped<HostKeys>()
            .AddSingleton(static services => new GuessLimit("access-token", WrongsPerMinute, services.GetRequiredService<IRateLimiter>()));
        CleanedServer.Add(builder.Services);
        return builder;
    }
}
