using System.Text.Json.Serialization;
using AiPipe.Proxy.Journey.Authentication;
using AiPipe.Proxy.Journey.Budgets;

namespace AiPipe.Proxy.Journey.Recording;

/// <summary><c>GET /usage</c>: what the caller spent, holds and has left.</summary>
internal static class UsageEndpoints
{
    public static IEndpointRouteBuilder MapUsage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/usage", ReadAsync).RequireUser();
        return routes;
    }

    private static async Task<IResult> ReadAsync(HttpContext http, BudgetBook budgets, UsageQueries usage, CancellationToken cancellationToken)
    {
        var user = http.SignedIn();
        var spends = new List<ScopeSpend>();
        foreach (var scope in budgets.ScopesOf(user)) spends.Add(await usage.UsageOfAsync(scope, cancellationToken));
        // An app's token shows the app's slice; what is left is what both it and the user's own budget leave.
        var shown = spends[^1];
        var answer = UsageAnswer.Of(user.Email, shown) with { Remaining = spends.Min(UsageAnswer.RemainingOf) };
        return Results.Json(answer, UsageJson.Default.UsageAnswer);
    }
}

/// <summary>The answer of <c>/usage</c>: the original's fields, then ours. Money in USD.</summary>
internal sealed record UsageAnswer
{
    public required string Email { get; init; }
    /// <summary>How many UTC dates count today.</summary>
    public required int Days { get; init; }
    /// <summary>Spent on those dates.</summary>
    public required decimal Cost { get; init; }
    /// <summary>By date, oldest first; dates without cost are left out.</summary>
    public required IReadOnlyList<UsageDay> Usage { get; init; }
    public required decimal Limit { get; init; }
    /// <summary>Held by calls in flight.</summary>
    public required decimal Held { get; init; }
    /// <summary>What a call may still use now.</summary>
    public decimal Remaining { get; init; }

    public static UsageAnswer Of(string email, ScopeSpend spend) => new()
    {
        Email = email,
        Days = spend.Scope.Budget.Window.DaysOn(spend.Today),
        Cost = spend.Spent.ToUsd(),
        Usage = [.. spend.Days.Select(day => new UsageDay(day.Day, day.Cost.ToUsd()))],
        Limit = spend.Limit.ToUsd(),
        Held = spend.Held.ToUsd(),
        Remaining = RemainingOf(spend),
    };

    /// <summary>What a scope leaves, in USD; never below zero.</summary>
    public static decimal RemainingOf(ScopeSpend spend) => Math.Max(0, (spend.Limit - spend.Spent - spend.Held).ToUsd());
}

/// <summary>One UTC date of <see cref="UsageAnswer"/>.</summary>
internal sealed record UsageDay(DateOnly Date, decimal Cost);

[JsonSerializable(typeof(UsageAnswer))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class UsageJson : JsonSerializerContext;
