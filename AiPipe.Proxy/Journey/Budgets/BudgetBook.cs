using AiPipe.Proxy.Journey.Authentication;
using AiPipe.Proxy.Journey.Pricing;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Journey.Budgets;

/// <summary>
/// Who may spend what. Of the budgets that people have of their own the most specific name wins (address, then <c>@domain</c>, then
/// <c>*</c>, then nothing); of all other limits, every one that matches a call holds.
/// </summary>
internal sealed class BudgetBook(IOptionsMonitor<BudgetOptions> options, IOptionsMonitor<TeamOptions> teams)
{
    /// <summary>The budget of a user.</summary>
    public Budget BudgetOf(string email) => OwnOf(email).Budget;

    /// <summary>The user's own counter.</summary>
    public BudgetScope UserScope(string email) => new(BudgetScope.UserKey(email), BudgetOf(email));

    /// <summary>
    /// Every counter that a call of this caller is held against, no two with the same key: the user's, that of the app's slice if there is
    /// one, then the rest.
    /// </summary>
    public IReadOnlyList<BudgetScope> ScopesOf(Caller.User caller, CallTarget target)
    {
        var (own, together) = (OwnOf(caller.Email), options.CurrentValue.Together);
        var user = new BudgetScope(BudgetScope.UserKey(caller.Email), own.Budget);
        if (caller.Slice is null && own.Limits.IsEmpty && together.IsEmpty) return [user];

        var scopes = new List<BudgetScope> { user };
        if (caller.Slice is { Limit: { } limit } slice) scopes.Add(AppScope(caller.Email, slice, limit));
        own.Limits.AddMatching(scopes, caller.Email, caller.Slice?.Origin, target);
        together.AddMatching(scopes, caller.Email, caller.Slice?.Origin, target, teams.CurrentValue);
        return scopes;
    }

    /// <summary>The counters that hold for some of the caller's calls only: of each model, provider and app that has a limit.</summary>
    public IReadOnlyList<BudgetScope> PartialScopesOf(Caller.User caller)
    {
        var (own, together) = (OwnOf(caller.Email).Limits, options.CurrentValue.Together.Calls);
        var apps = caller.Slice is null ? own.Apps.Values : [];
        return
        [
            .. own.Models.Select(model => model.Limit).Concat(own.Providers.Values).Concat(apps).Select(limit => limit.ScopeFor(caller.Email)),
            .. together.Models.Select(model => model.Limit).Concat(together.Providers.Values).Select(limit => limit.ScopeFor(email: null)),
        ];
    }

    private OwnBudget OwnOf(string email)
    {
        var budgets = options.CurrentValue.Budgets;
        if (budgets.TryGetValue(email, out var own)) return own;
        if (email.LastIndexOf('@') is >= 0 and var at && budgets.TryGetValue(email[at..], out var domain)) return domain;
        return budgets.GetValueOrDefault("*", OwnBudget.None);
    }

    // A token's limit and days come from whoever asked for the token: they are brought into range rather than trusted.
    private static BudgetScope AppScope(string email, AppSlice slice, decimal limit) => new(
        BudgetScope.AppKey(email, slice.Origin.ToLowerInvariant()),
        new Budget(
            PicoUsd.FromUsd(Math.Clamp(limit, 0, BudgetOptions.MaxLimit)),
            new BudgetWindow.LastDays(Math.Clamp(slice.Days, 1, BudgetOptions.MaxDays))));
}
