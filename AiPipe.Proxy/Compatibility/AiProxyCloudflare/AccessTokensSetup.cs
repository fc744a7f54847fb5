using AiPipe.Proxy.Accounts.Keys;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Settings.Hosts;

namespace AiPipe.Proxy.Compatibility.AiProxyCloudflare;

/// <summary>Registers the paths for operators with ai-proxy-cloudflare's access token and for administrators.</summary>
internal static class AccessTokensSetup
{
    private const int WrongsPerMinute = 20;

    public static WebApplicationBuilder AddAccessTokens(this WebApplicationBuilder builder, IReadOnlyList<Provider> providers)
    {
        // Read now, so that an invalid token stops the start.
        var token = AccessToken.Read(builder.Configuration, builder.Environment, providers);
        builder.Services.AddSingleton(token).AddSingleton<SecretPaths>().AddScoped<RegisteredKeys>().AddScoped<HostKeys>()
            .AddSingleton(static services => new GuessLimit("access-token", WrongsPerMinute, services.GetRequiredService<IRateLimiter>()));
        CleanedServer.Add(builder.Services);
        return builder;
    }
}
