using AiPipe.Proxy.Journey.Authentication;
using AiPipe.Proxy.Journey.Pricing;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Journey.Budgets;

/// <summary>Who has which budget: the most specific name wins (address, then <c>@domain</c>, then <c>*</c>, then nothing).</summary>
internal sealed class BudgetBook(IOptions<BudgetOptions> options)
{
    /// <summary>The budget of a user.</summary>
    public Budget BudgetOf(string email)
    {
        var budgets = options.Value.Budgets;
        if (budgets.TryGetValue(email, out var own)) return own;
        if (email.LastIndexOf('@') is >= 0 and var at && budgets.TryGetValue(email[at..], out var domain)) return domain;
        return budgets.GetValueOrDefault("*", Budget.Zero);
    }

    /// <summary>The user's own counter.</summary>
    public BudgetScope UserScope(string email) => new(BudgetScope.UserKey(email), BudgetOf(email));

    /// <summary>Every counter that a call of this caller is held against.</summary>
    public IReadOnlyList<BudgetScope> ScopesOf(Caller.User caller)
    {
        var user = UserScope(caller.Email);
        return caller.Slice is { Limit: { } limit } slice ? [user, AppScope(caller.Email, slice, limit)] : [user];
    }

    // A token's limit and days come from whoever asked for the token: they are brought into range rather than trusted.
    private static BudgetScope AppScope(string email, AppSlice slice, decimal limit) => new(
        BudgetScope.AppKey(email, slice.Origin.ToLowerInvariant()),
        new Budget(
            PicoUsd.FromUsd(Math.Clamp(limit, 0, BudgetOptions.MaxLimit)),
            new BudgetWindow.LastDays(Math.Clamp(slice.Days, 1, BudgetOptions.MaxDays))));
}
