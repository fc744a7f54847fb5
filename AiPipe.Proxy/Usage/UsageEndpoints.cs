using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Usage;

/// <summary><c>GET /usage</c>: the caller's spend, reservations and remaining amount in every budget.</summary>
internal static class UsageEndpoints
{
    public static IEndpointRouteBuilder MapUsage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/usage", ReadAsync).RequireUser().WithTags("Usage").WithSummary("What you spent and have left")
            .WithDescription("With any of the parameters, AI Proxy's list of records: one for each person and UTC date."
                + " Admins see all people's.")
            .Query("skip", "How many records to skip").Query("limit", "At most so many records").Query("month", "Such as 2026-11")
            .Query("email", "The person; admins only").Query("sort", "date, email, cost or requests, descending")
            .AlsoGives(typeof(UsageRecords));
        return routes;
    }

    private static async Task<Results<Ok<UsageRecords>, Ok<UsageReport>, RefusalResult>> ReadAsync(HttpContext http, BudgetResolver budgets,
        UsageQueries usage, CancellationToken cancellationToken)
    {
        var user = http.SignedIn();
        if (UsageList.IsAskedFor(http.Request.Query)) return await ListAsync(http, user, budgets, usage, cancellationToken);
        var (source, other) = budgets.SourcesOf(user.Email, CallTarget.None);
        var holding = await SpendsAsync(budgets.ScopesOf(user.Spender, CallTarget.None, source), usage, cancellationToken);
        if (other is not null)
        {
            // Either budget can pay for a call; the response shows the one with more left.
            var others = await SpendsAsync(budgets.ScopesOf(user.Spender, CallTarget.None, other), usage, cancellationToken);
            if (others.Min(UsageContracts.Remaining) > holding.Min(UsageContracts.Remaining)) (source, holding) = (other, others);
        }
        var partial = await SpendsAsync(budgets.PartialScopesOf(user.Spender, source), usage, cancellationToken);
        // An app's token shows its allowance, an API key its own limit.
        var shown = holding.Last(spend => spend.Scope.IsOverall);
        return TypedResults.Ok(UsageContracts.CreateReport(user.Email, shown, holding, partial));
    }

    private static async Task<Results<Ok<UsageRecords>, Ok<UsageReport>, RefusalResult>> ListAsync(HttpContext http, Caller.User user,
        BudgetResolver budgets, UsageQueries usage, CancellationToken cancellationToken)
    {
        var own = budgets.ScopesOf(user.Spender, CallTarget.None).Last(scope => scope.IsOverall).Key;
        var (list, refusal) = UsageList.Read(http.Request.Query, user, own);
        if (list is null) return new RefusalResult(refusal!);
        var records = await usage.RecordsAsync(list, cancellationToken);
        return TypedResults.Ok(new UsageRecords(list.Scope == own ? [.. records.Select(record => record with { Email = user.Email })]
            : records));
    }

    private static async Task<List<ScopeSpend>> SpendsAsync(
        IReadOnlyList<BudgetScope> scopes, UsageQueries usage, CancellationToken cancellationToken)
    {
        var spends = new List<ScopeSpend>(scopes.Count);
        foreach (var scope in scopes) spends.Add(await usage.UsageOfAsync(scope, cancellationToken));
        return spends;
    }
}
