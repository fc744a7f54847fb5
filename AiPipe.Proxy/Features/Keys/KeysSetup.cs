using AiPipe.Proxy.Data;
using AiPipe.Proxy.Features.RateLimits;

namespace AiPipe.Proxy.Features.Keys;

/// <summary>Registers the feature: API keys that people make for their own programs.</summary>
internal static class KeysSetup
{
    /// <summary>The limit of questions about keys.</summary>
    public const string Limit = "keys";
    private const int PerMinute = 60;

    public static IHostApplicationBuilder AddKeys(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<ApiKeys>().AddSingleton<IReplicated, KeyReading>();
        builder.Services.AddPerMinuteLimit(Limit, PerMinute);
        return builder;
    }
}
