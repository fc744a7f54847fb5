using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>Registers and maps signing in and the management of one's own token.</summary>
internal static class SignInSetup
{
    public const string Addresses = "signin";

    public static IHostApplicationBuilder AddSignIn(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSection<SignInOptions>("AiPipe:Logins")
            .Configure<IConfiguration>(static (options, configuration) => options.GoogleClientId ??= configuration["GOOGLE_CLIENT_ID"])
            // A malformed domain would lock everyone out; the error explains "@example.com".
            .Validate(options => options.Domains.All(domain => Uri.CheckHostName(domain) == UriHostNameType.Dns),
                "AiPipe:Logins:Domains has an entry that is not a mail domain: write it like example.com.");
        builder.Services.AddSingleton<GoogleCredentials>().AddSingleton<PageOrigin>().AddSingleton<Passwords>().AddScoped<SigningIn>()
            .AddSingleton<PasswordGuesses>().AddScoped<EndedSessions>().AddSingleton<ICachedState, CachedSessions>();
        builder.Services.AddPerMinuteLimit(
            Addresses, static services => services.GetRequiredService<IOptions<SignInOptions>>().Value.PerMinute);
        return builder;
    }

    public static IEndpointRouteBuilder MapSignIn(this IEndpointRouteBuilder routes) => routes.MapSignInEndpoint().MapOwnToken();
}
