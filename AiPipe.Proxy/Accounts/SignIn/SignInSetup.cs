using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.RateLimits;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>Registers and maps the feature: getting a token, and what a person may do with their own.</summary>
internal static class SignInSetup
{
    /// <summary>The limit of tries from one network address.</summary>
    public const string Addresses = "signin";


    public static IHostApplicationBuilder AddSignIn(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSection<SignInOptions>("AiPipe:Logins")
            .Configure<IConfiguration>(static (options, configuration) => options.GoogleClientId ??= configuration["GOOGLE_CLIENT_ID"])
            // A domain that nobody's address can have would lock everybody out, and who meant "@example.com" should read why.
            .Validate(options => options.Domains.All(domain => Uri.CheckHostName(domain) == UriHostNameType.Dns),
                "AiPipe:Logins:Domains has an entry that is no mail domain: write it like example.com.");
        builder.Services.AddSingleton<GoogleCredentials>().AddSingleton<PageOrigin>().AddSingleton<Passwords>().AddScoped<SigningIn>();
        builder.Services.AddPerMinuteLimit(Addresses, static services => services.GetRequiredService<IOptions<SignInOptions>>().Value.PerMinute)
            .AddPerMinuteLimit(SigningIn.Names, SigningIn.GuessesPerMinute);
        return builder;
    }

    public static IEndpointRouteBuilder MapSignIn(this IEndpointRouteBuilder routes) => routes.MapSignInEndpoint().MapOwnToken();
}
