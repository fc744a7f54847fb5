using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Usage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Accounts.Keys;

/// <summary>A person's API keys: <c>/keys</c>; everyone's, for administrators: <c>/admin/keys</c>.</summary>
internal static class KeyEndpoints
{
    public static IEndpointRouteBuilder MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("").WithTags("Keys");
        var person = keys.MapGroup("/keys").RequirePerson().Guarded(KeysSetup.Limit);
        person.MapGet("", (HttpContext http, UsageQueries usage, TimeProvider clock, CancellationToken token) =>
            ListAsync(http, http.SignedIn().Email, usage, clock, tellsUser: false, token)).WithSummary("List your API keys");
        person.MapPost("", AddAsync).WithSummary("Create an API key").Takes(typeof(KeyRequest))
            .WithDescription("The response is the only one that has the key itself.");
        person.MapPost("/{id}/reset", ResetAsync).WithSummary("Replace the text of an API key")
            .WithDescription("The old text stops working at once. The response is the only one that has the new one.");
        person.MapDelete("/{id}", (HttpContext http, string id) => RevokeAsync(http, id, asAdmin: false)).WithSummary("Revoke an API key");

        keys.MapPost("/keys/reset", ResetOwnAsync).RequireUser().Guarded(KeysSetup.Limit)
            .WithSummary("Replace the text of the API key that calls")
            .WithDescription("For callers who have nothing but the key. The old text stops working at once.");

        var admin = keys.MapGroup("/admin/keys").RequireAdmin().Guarded(KeysSetup.Limit);
        admin.MapGet("", (HttpContext http, UsageQueries usage, TimeProvider clock, CancellationToken token, string? email = null) =>
            ListAsync(http, string.IsNullOrEmpty(email) ? null : Email.Normalize(email), usage, clock, tellsUser: true, token))
            .WithSummary("List API keys of a person, or of all people");
        admin.MapDelete("/{id}", (HttpContext http, string id) => RevokeAsync(http, id, asAdmin: true))
            .WithSummary("Revoke anybody's API key");

        return routes;
    }

    private static async Task<Results<Ok<KeyList>, RefusalResult>> ListAsync(
        HttpContext http, string? user, UsageQueries usage, TimeProvider clock, bool tellsUser, CancellationToken cancellationToken)
    {
        if (user is not null && !Email.IsUsable(user)) return new RefusalResult(
            Refusal.InvalidRequest("The parameter \"email\" is not usable as a user's name.", "email"));
        var now = clock.GetUtcNow();
        var listed = new List<KeyInfo>();
        foreach (var used in await http.QueryWithTimeoutAsync((ApiKeys keys, CancellationToken token) => keys.ListAsync(user, token)))
        {
            // Revoked keys cannot spend any more; the ledger has their spend.
            var scope = used.Key.IsLivingAt(now) ? used.Key.Scope : null;
            var spend = scope is null ? null : await usage.UsageOfAsync(scope, cancellationToken);
            listed.Add(used.ToContract(spend, now, tellsUser));
        }
        return TypedResults.Ok(new KeyList(listed));
    }

    private static async Task<Results<Ok<KeyInfo>, RefusalResult>> AddAsync(HttpContext http, UsageQueries usage, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (request, wrong) = await http.Request.ReadAsync(ContractJson.Default.KeyRequest, cancellationToken);
        if (request is null) return new RefusalResult(wrong!);
        var (terms, refused) = KeyTerms.Read(request);
        if (terms is null) return new RefusalResult(refused!);
        var user = http.SignedIn().Email;
        var (key, text, refusal) =
            await http.QueryWithTimeoutAsync((ApiKeys keys, CancellationToken token) => keys.AddAsync(user, terms, madeBy: null, token));
        return key is null ? new RefusalResult(refusal!) : await MadeAsync(key, text, usage, clock, cancellationToken);
    }

    private static Task<Results<Ok<KeyInfo>, RefusalResult>> ResetAsync(HttpContext http, string id, UsageQueries usage,
        TimeProvider clock, CancellationToken cancellationToken) =>
        RenewAsync(http, Guid.TryParse(id, out var found) ? found : null, usage, clock, cancellationToken);

    /// <summary>A caller with only a key replaces that key's text; its rights stay the same.</summary>
    private static async Task<Results<Ok<KeyInfo>, RefusalResult>> ResetOwnAsync(HttpContext http, UsageQueries usage, TimeProvider clock,
        CancellationToken cancellationToken) =>
        http.SignedIn().Key is { } key
            ? await RenewAsync(http, key.Id, usage, clock, cancellationToken)
            : new RefusalResult(Refusal.InvalidRequest(
                "POST /keys/reset is for API keys, which it gives another text. With a token, name the key: POST /keys/ID/reset."));

    private static async Task<Results<Ok<KeyInfo>, RefusalResult>> RenewAsync(HttpContext http, Guid? id, UsageQueries usage,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        var user = http.SignedIn().Email;
        var made = id is { } found
            ? await http.QueryWithTimeoutAsync((ApiKeys keys, CancellationToken token) => keys.ResetAsync(user, found, token))
            : null;
        return made is var (key, text)
            ? await MadeAsync(key, text, usage, clock, cancellationToken) : new RefusalResult(Refusal.NotFound(http.Request.Path));
    }

    /// <summary>The only response with a key's text.</summary>
    private static async Task<Ok<KeyInfo>> MadeAsync(ApiKey key, string text, UsageQueries usage, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var spend = key.Scope is { } scope ? await usage.UsageOfAsync(scope, cancellationToken) : null;
        var listed = new UsedKey(key, LastUsedAt: null).ToContract(spend, clock.GetUtcNow(), tellsUser: false);
        return TypedResults.Ok(listed with { Key = text });
    }

    private static async Task<Results<NoContent, RefusalResult>> RevokeAsync(HttpContext http, string id, bool asAdmin)
    {
        var who = http.SignedIn().Email;
        var isThere = Guid.TryParse(id, out var key)
            && await http.QueryWithTimeoutAsync((ApiKeys keys, CancellationToken token) => keys.RevokeAsync(who, key, asAdmin, token));
        return isThere ? TypedResults.NoContent() : new RefusalResult(Refusal.NotFound(http.Request.Path));
    }
}
