using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;

namespace AiPipe.Proxy.Accounts.Keys;

internal static class KeysSetup
{
    public const string Limit = "keys";
    private const int PerMinute = 60;

    public static IHostApplicationBuilder AddKeys(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<ApiKeys>().AddSingleton<ICachedState, CachedKeys>();
        builder.Services.AddPerMinuteLimit(Limit, PerMinute);
        return builder;
    }
}
