using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Usage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>A person's own grants to web apps: <c>GET /login/check</c> shows a request, <c>/grants</c> the consents.</summary>
internal static class GrantEndpoints
{
    public const string Grants = "/grants";

    public static IEndpointRouteBuilder MapGrants(this IEndpointRouteBuilder routes)
    {
        var person = routes.MapGroup("").RequirePerson().Guarded(AppsSetup.Limit).WithTags("Web apps");
        person.MapGet("/login/check", CheckAsync).WithSummary("Check what a web app requests")
            .WithDescription("For a page of consent. The parameters are those of /login, as the web app wrote them.")
            .Query("redirect", "Where the person goes on").Query("response_mode", "query or fragment")
            .Query("state", "Returned to the app unchanged")
            .Query("code_challenge", "RFC 7636").Query("code_challenge_method", "S256")
            .Query("limit", "The allowance that the app proposes, in USD").Query("days", "Its window in UTC days");
        person.MapGet(Grants, ListAsync).WithSummary("List the allowances that you gave to web apps");
        person.MapPost(Grants, GrantAsync).WithSummary("Give a web app an allowance").Takes(typeof(GrantRequest));
        person.MapDelete(Grants + "/{id}", RevokeAsync).WithSummary("Revoke an allowance");
        return routes;
    }

    private static async Task<Results<Ok<Consent>, RefusalResult>> CheckAsync(
        HttpContext http, BudgetResolver budgets, OwnOrigins own)
    {
        var (question, email, origins) = (AuthorizationRequest.FromQuery(http.Request.Query), http.SignedIn().Email, own.Of(http.Request));
        var (goal, refusal) = AppReturn.Read(question, origins);
        if (goal is null) return new RefusalResult(refusal!);

        var origin = goal.To.Origin.Text;
        var isOwn = origins.Contains(origin);
        var remembered = isOwn
            ? null : await http.QueryWithTimeoutAsync(
            (AppGrants grants, CancellationToken token) => grants.RememberedAsync(email, goal, token));
        var budget = budgets.BudgetOf(email);
        var terms = GrantTerms.Propose(budget, question.Limit, question.Days);
        return TypedResults.Ok(new Consent(origin, isOwn, goal.Denied(),
            remembered is null ? null : new RememberedGrant(remembered.Id, remembered.Limit.ToUsd(), remembered.Days, remembered.ExpiresAt),
            terms.Limit, budget.Limit.ToUsd(), terms.Days, terms.ExpiresInDays));
    }

    private static async Task<Results<Ok<GrantResponse>, RefusalResult>> GrantAsync(HttpContext http, OwnOrigins own,
        CancellationToken cancellationToken)
    {
        var (request, wrong) = await http.Request.ReadAsync(ContractJson.Default.GrantRequest, cancellationToken);
        if (request is null) return new RefusalResult(wrong!);
        var (email, shown, origins) =
            (http.SignedIn().Email, PresentedToken.FromRequest(http.Request, keyInQuery: false)!, own.Of(http.Request));
        var (granted, refusal) = await http.QueryWithTimeoutAsync(
            (Granting granting, CancellationToken token) => granting.GrantAsync(request, email, shown, origins, token));
        return granted is null ? new RefusalResult(refusal!) : TypedResults.Ok(granted);
    }

    private static async Task<Ok<GrantList>> ListAsync(
        HttpContext http, BudgetResolver budgets, UsageQueries usage, TimeProvider clock, CancellationToken cancellationToken)
    {
        var user = http.SignedIn();
        var now = clock.GetUtcNow();
        var listed = new List<GrantInfo>();
        foreach (var grant in await http.QueryWithTimeoutAsync(
            (AppGrants grants, CancellationToken token) => grants.ListAsync(user.Email, token)))
        {
            // The allowance's counter, as for a call with the app's token.
            var allowance = budgets.ScopesOf(user.Spender with { App = grant.Allowance }, CallTarget.None)
                .First(scope => scope is { IsOverall: true, Kind: "app" });
            var spend = await usage.UsageOfAsync(allowance, cancellationToken);
            listed.Add(new GrantInfo(grant.Id, grant.Origin, grant.Limit.ToUsd(), grant.Days, spend.Spent.ToUsd(), spend.Reserved.ToUsd(),
                grant.IsActiveAt(now), grant.Remembered, grant.CreatedAt, grant.ExpiresAt, grant.RevokedAt));
        }
        return TypedResults.Ok(new GrantList(listed));
    }

    private static async Task<Results<NoContent, RefusalResult>> RevokeAsync(HttpContext http, string id)
    {
        var email = http.SignedIn().Email;
        var isOwn = Guid.TryParse(id, out var grant)
            && await http.QueryWithTimeoutAsync((AppGrants grants, CancellationToken token) => grants.RevokeAsync(email, grant, token));
        return isOwn ? TypedResults.NoContent() : new RefusalResult(Refusal.NotFound(http.Request.Path));
    }
}
