using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Callers;

internal static class AuthenticationSetup
{
    public static IHostApplicationBuilder AddCallerAuthentication(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TokenOptionsSetup>()
            .AddSingleton<IConfigureOptions<TokenOptions>>(services => services.GetRequiredService<TokenOptionsSetup>())
            .AddSingleton<IValidateOptions<TokenOptions>>(services => services.GetRequiredService<TokenOptionsSetup>())
            .AddOptionsWithValidateOnStart<TokenOptions>();
        builder.Services.AddHostedService<ShortSecretWarning>();
        builder.Services.AddSingleton<RevokedGrants>().AddSingleton<PersonStates>().AddSingleton<ApiKeyCache>()
            .AddSingleton<CallerAuthentication>().AddSingleton<TokenIssuer>();
        return builder;
    }
}
