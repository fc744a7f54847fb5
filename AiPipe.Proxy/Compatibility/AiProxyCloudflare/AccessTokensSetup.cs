using AiPipe.Proxy.Accounts.Keys;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Settings.Hosts;

namespace AiPipe.Proxy.Compatibility.AiProxyCloudflare;

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
