using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Accounts.Keys;

/// <summary><c>/admin/users</c>: users that an administrator registers by name, who have one key only.</summary>
internal static class UserEndpoints
{
    private const string Path = "/admin/users/{user}";

    public static IEndpointRouteBuilder MapUsers(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup(Path).RequireAdmin().Guarded(KeysSetup.Limit).WithTags("Keys");
        admin.MapPost("/key", RegisterAsync).WithSummary("Register a user by name, with an API key")
            .WithDescription("The key is all that the user has; days limits its life. Only this response has the key itself.");
        admin.MapPost("/key/reset", ResetAsync).WithSummary("Replace the text of a registered user's API key");
        admin.MapDelete("", DeleteAsync).WithSummary("Revoke all API keys of a user");
        return routes;
    }

    private static async Task<Results<Ok<KeyInfo>, RefusalResult>> RegisterAsync(HttpContext http, string user, TimeProvider clock,
        string? days = null)
    {
        var who = http.SignedIn().Email;
        var (terms, wrong) = RegisteredKeys.TermsOf(days);
        if (!RegisteredKeys.TryName(user, out var name, out var unusable) || terms is null) return new RefusalResult(unusable ?? wrong!);
        var (key, text, refusal) =
            await http.QueryWithTimeoutAsync((RegisteredKeys keys, CancellationToken token) => keys.RegisterAsync(name, terms, who, token));
        return key is null ? new RefusalResult(refusal!) : Made(key, text, clock);
    }

    private static async Task<Results<Ok<KeyInfo>, RefusalResult>> ResetAsync(HttpContext http, string user, TimeProvider clock)
    {
        var who = http.SignedIn().Email;
        if (!RegisteredKeys.TryName(user, out var name, out var unusable)) return new RefusalResult(unusable);
        var made = await http.QueryWithTimeoutAsync((RegisteredKeys keys, CancellationToken token) => keys.ResetAsync(name, who, token));
        return made is var (key, text) ? Made(key, text, clock) : new RefusalResult(Refusal.NotFound(http.Request.Path));
    }

    private static async Task<Results<NoContent, RefusalResult>> DeleteAsync(HttpContext http, string user)
    {
        var who = http.SignedIn().Email;
        if (!RegisteredKeys.TryName(user, out var name, out var unusable)) return new RefusalResult(unusable);
        return await http.QueryWithTimeoutAsync((RegisteredKeys keys, CancellationToken token) => keys.DeleteAsync(name, who, token))
            ? TypedResults.NoContent()
            : new RefusalResult(Refusal.NotFound(http.Request.Path));
    }

    private static Ok<KeyInfo> Made(ApiKey key, string text, TimeProvider clock) => TypedResults.Ok(
        new UsedKey(key, LastUsedAt: null).ToContract(spend: null, clock.GetUtcNow(), tellsUser: true) with { Key = text });
}
