using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;

namespace AiPipe.Proxy.Accounts.Keys;

/// <summary><c>/admin/users</c>: users whom an admin registers by a name, and who have nothing but a key.</summary>
internal static class UserEndpoints
{
    private const string Path = "/admin/users/{user}";

    public static IEndpointRouteBuilder MapUsers(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup(Path).RequireAdmin().Guarded(KeysSetup.Limit);
        admin.MapPost("/key", RegisterAsync);
        admin.MapPost("/key/reset", ResetAsync);
        admin.MapDelete("", DeleteAsync);
        routes.Map(Path, static () => new RefusalResult(Refusal.MethodNotAllowed("DELETE /admin/users/USER")));
        routes.Map(Path + "/key", static () => new RefusalResult(Refusal.MethodNotAllowed("POST /admin/users/USER/key?days=")));
        routes.Map(Path + "/key/reset", static () => new RefusalResult(Refusal.MethodNotAllowed("POST /admin/users/USER/key/reset")));
        return routes;
    }

    private static async Task<IResult> RegisterAsync(HttpContext http, string user, TimeProvider clock, string? days = null)
    {
        var who = http.SignedIn().Email;
        var (terms, wrong) = RegisteredKeys.TermsOf(days);
        if (!RegisteredKeys.TryName(user, out var name, out var unusable) || terms is null) return new RefusalResult(unusable ?? wrong!);
        var (key, text, refusal) = await http.AskAsync((RegisteredKeys keys, CancellationToken token) => keys.RegisterAsync(name, terms, who, token));
        return key is null ? new RefusalResult(refusal!) : Made(key, text, clock);
    }

    private static async Task<IResult> ResetAsync(HttpContext http, string user, TimeProvider clock)
    {
        var who = http.SignedIn().Email;
        if (!RegisteredKeys.TryName(user, out var name, out var unusable)) return new RefusalResult(unusable);
        var made = await http.AskAsync((RegisteredKeys keys, CancellationToken token) => keys.ResetAsync(name, who, token));
        return made is var (key, text) ? Made(key, text, clock) : new RefusalResult(Refusal.NotFound(http.Request.Path));
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, string user)
    {
        var who = http.SignedIn().Email;
        if (!RegisteredKeys.TryName(user, out var name, out var unusable)) return new RefusalResult(unusable);
        return await http.AskAsync((RegisteredKeys keys, CancellationToken token) => keys.DeleteAsync(name, who, token))
            ? Results.NoContent()
            : new RefusalResult(Refusal.NotFound(http.Request.Path));
    }

    private static IResult Made(ApiKey key, string text, TimeProvider clock) => Results.Json(
        new UsedKey(key, LastUsedAt: null).ToContract(spend: null, clock.GetUtcNow(), tellsUser: true) with { Key = text }, ContractJson.Indented.KeyInfo);
}
