using AiPipe.Proxy.Accounts.Keys;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Settings;
using AiPipe.Proxy.Settings.Hosts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Compatibility.AiProxyCloudflare;

/// <summary>
/// The paths of ai-proxy-cloudflare, with its plain-text responses: <c>/{ACCESS_TOKEN}/register/{user}</c>, <c>reset</c>, <c>delete</c>
/// and <c>addkey</c>. Without the token, the response is that of an unknown provider.
/// </summary>
internal static partial class AccessTokenEndpoints
{
    public static IEndpointRouteBuilder MapAccessToken(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/" + AccessToken.Name).WithTags("Compatibility").ForEverybody()
            .AddEndpointFilter(static async (context, next) =>
            await RefuseAsync(context.HttpContext) is { } refusal ? new RefusalResult(refusal) : await next(context));
        group.MapPost("/register/{user}", RegisterAsync).WithSummary("Register a user by name, with an API key (ai-proxy-cloudflare)")
            .Gives(typeof(string), ApiDescriptions.Text);
        group.MapPost("/reset/{user}", ResetAsync).WithSummary("Replace the text of a user's API key (ai-proxy-cloudflare)")
            .Gives(typeof(string), ApiDescriptions.Text);
        group.MapDelete("/delete/{user}", DeleteAsync).WithSummary("Revoke all API keys of a user (ai-proxy-cloudflare)")
            .Gives(typeof(string), ApiDescriptions.Text);
        // Otherwise the compiler would choose the overload for a RequestDelegate, which discards the result.
        group.MapPost("/" + SecretPaths.AddKey, (Delegate)AddKeyAsync).Gives(typeof(string), ApiDescriptions.Text)
            .WithSummary("Add a key for a host (ai-proxy-cloudflare)")
            .WithDescription("The host and the key follow as further segments, which are removed from the path before anything logs it.");
        routes.MapUnmatched(AccessToken.Name, RefuseAsync);
        if (routes.ServiceProvider.GetRequiredService<AccessToken>().IsPublished)
            Log.Published(routes.ServiceProvider.GetRequiredService<ILogger<AccessToken>>());
        return routes;
    }

    private static async ValueTask<Refusal?> RefuseAsync(HttpContext http)
    {
        // The path contained the variable's name instead of the token.
        if (http.Features.Get<SecretPath>() is not { } path) return Refusal.UnknownProvider(AccessToken.Name);
        if (await http.RequestServices.GetRequiredService<GuessLimit>().TakeAsync(http, path.IsRight) is { } tooOften) return tooOften;
        if (!path.IsRight) return Refusal.UnknownProvider(path.First);
        http.Response.Headers.CacheControl = "no-store";
        return null;
    }

    private static async Task<Results<ContentHttpResult, RefusalResult>> RegisterAsync(HttpContext http, string user, string? days = null)
    {
        var (terms, wrong) = RegisteredKeys.TermsOf(days);
        if (!RegisteredKeys.TryName(user, out var name, out var unusable) || terms is null) return new RefusalResult(unusable ?? wrong!);
        var (_, text, refusal) = await http.QueryWithTimeoutAsync(
            (RegisteredKeys keys, CancellationToken token) => keys.RegisterAsync(name, terms, AccessToken.Name, token));
        return refusal is null ? TypedResults.Text(text) : new RefusalResult(refusal);
    }

    private static async Task<Results<ContentHttpResult, RefusalResult>> ResetAsync(HttpContext http, string user)
    {
        if (!RegisteredKeys.TryName(user, out var name, out var unusable)) return new RefusalResult(unusable);
        var made = await http.QueryWithTimeoutAsync(
            (RegisteredKeys keys, CancellationToken token) => keys.ResetAsync(name, AccessToken.Name, token));
        return made is var (_, text) ? TypedResults.Text(text) : new RefusalResult(Refusal.NotFound(http.Request.Path));
    }

    private static async Task<Results<ContentHttpResult, RefusalResult>> DeleteAsync(HttpContext http, string user)
    {
        if (!RegisteredKeys.TryName(user, out var name, out var unusable)) return new RefusalResult(unusable);
        return await http.QueryWithTimeoutAsync(
            (RegisteredKeys keys, CancellationToken token) => keys.DeleteAsync(name, AccessToken.Name, token))
            ? TypedResults.Text("OK")
            : new RefusalResult(Refusal.NotFound(http.Request.Path));
    }

    private static async Task<Results<ContentHttpResult, RefusalResult>> AddKeyAsync(HttpContext http)
    {
        var rest = http.Features.Get<SecretPath>()!.Rest;
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        // A key may contain slashes: everything after the host is the key.
        var (host, key) = slash < 0
            ? (rest, "") : (rest[..slash], rest[(slash + 1)..].Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));
        var refusal = await http.QueryWithTimeoutAsync(
            (HostKeys hosts, CancellationToken token) =>
            hosts.AddAsync(host, key, new ChangedBy(AccessToken.Name, IsPerson: false), token));
        return refusal is null ? TypedResults.Text("OK") : new RefusalResult(refusal);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message =
            "ACCESS_TOKEN is the published example of ai-proxy-cloudflare, so the paths are open to everyone. Set it to a " +
            "long random text (openssl rand -hex 24).")]
        public static partial void Published(ILogger logger);
    }
}
