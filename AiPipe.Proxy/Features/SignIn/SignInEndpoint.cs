using System.Text.Json.Serialization;
using AiPipe.Proxy.Edge;
using AiPipe.Proxy.Features.RateLimits;
using AiPipe.Proxy.Journey;
using AiPipe.Proxy.Journey.Authentication;
using AiPipe.Proxy.Journey.Budgets.RateLimits;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Features.SignIn;

/// <summary><c>GET /token?credential=…</c>: turns Google's credential into an AI Pipe token.</summary>
internal static class SignInEndpoint
{
    public static IHostApplicationBuilder AddSignIn(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSection<SignInOptions>("AiPipe:Logins")
            .Configure<IConfiguration>(static (options, configuration) => options.GoogleClientId ??= configuration["GOOGLE_CLIENT_ID"])
            // A domain that nobody's address can have would lock everybody out, and who meant "@example.com" should read why.
            .Validate(options => options.Domains.All(domain => Uri.CheckHostName(domain) == UriHostNameType.Dns),
                "AiPipe:Logins:Domains has an entry that is no mail domain: write it like example.com.");
        builder.Services.AddSingleton<GoogleCredentials>().AddKeyedSingleton(nameof(SignInEndpoint), static (services, _) =>
            new PerMinuteLimit("signin", services.GetRequiredService<IOptions<SignInOptions>>().Value.PerMinute, services.GetRequiredService<IRateLimiter>()));
        return builder;
    }

    public static IEndpointRouteBuilder MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/token", SignInAsync);
        return routes;
    }

    private static async Task<IResult> SignInAsync(
        HttpContext http, [FromKeyedServices(nameof(SignInEndpoint))] PerMinuteLimit limit, GoogleCredentials google, TokenIssuer tokens,
        CancellationToken cancellationToken, string? credential = null)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (await limit.TakeAsync(http) is { } tooOften) return new RefusalResult(tooOften);
        var (person, refusal) = await google.CheckAsync(credential, cancellationToken);
        if (person is null) return new RefusalResult(refusal!);
        return Results.Json(new SignedInPerson(tokens.Issue(person.Email), Email.Normalize(person.Email), person.EmailVerified, person.Name,
            person.GivenName, person.FamilyName, person.Picture, person.Locale, person.HostedDomain, person.Subject), SignInJson.Default.SignedInPerson);
    }
}

/// <summary>Our token and, besides, what Google's profile says, under Google's names.</summary>
internal sealed record SignedInPerson(
    string Token, string Email, bool EmailVerified, string? Name, string? GivenName, string? FamilyName, string? Picture, string? Locale,
    [property: JsonPropertyName("hd")] string? HostedDomain, [property: JsonPropertyName("sub")] string? Subject);

[JsonSerializable(typeof(SignedInPerson))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class SignInJson : JsonSerializerContext;
