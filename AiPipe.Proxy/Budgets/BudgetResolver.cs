using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Money;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Budgets;

/// <summary>
/// Resolves who may spend what. Of a person's own budgets, the most specific name wins (address, then <c>@domain</c>, then <c>*</c>);
/// unless it is a personal one, a class may pay instead. All other matching limits apply.
/// </summary>
internal sealed class BudgetResolver(IOptionsMonitor<BudgetOptions> options, ClassBudgetCache classes)
{
    public Budget BudgetOf(string email) => LargerOf(email).Budget;

    /// <summary>
    /// The budgets that can pay for a call: a class pays for its members first, then their own budget. So a teacher sees what the class is
    /// used for, and a class never reduces a member's money or models.
    /// </summary>
    public (OwnBudget First, OwnBudget? Then) SourcesOf(string email, CallTarget target)
    {
        var (own, isNamed) = OwnOf(email);
        if (isNamed || classes.PayingFor(email, target)?.Own is not { } taught) return (own, null);
        return (taught, classes.OtherBudgetPays(email, target) ? own : null);
    }

    public (OwnBudget First, OwnBudget? Then) SourcesOf(Spender spender, CallTarget target) =>
        spender.Budget is { } budget ? (new OwnBudget(budget, CallLimits.None), null) : SourcesOf(spender.Email, target);

    /// <summary>The name of a person's budget: address, <c>@domain</c>, <c>*</c>, or <c>class:ID</c>.</summary>
    public string SourceOf(string email)
    {
        if (LargerOf(email).Class is { } taught) return $"class:{taught.Id}";
        return options.CurrentValue.Budgets.Find(email)?.Name ?? ByPerson.Everyone;
    }

    public IEnumerable<string> Named =>
        options.CurrentValue.Budgets.Names.Where(static name => name.LastIndexOf('@') > 0);

    /// <summary>The class that does not allow the call's model, if no other budget pays.</summary>
    public ClassBudget? ForbiddingClass(string email, CallTarget target) =>
        OwnOf(email).IsNamed || classes.PayingFor(email, target) is not null ? null : classes.Forbidding(email, target);

    /// <summary>The class that refuses the call's model; <c>null</c> also for people with a budget for their own address.</summary>
    public ClassBudget? RefusingClass(Spender spender, CallTarget target) =>
        spender.Budget is null && classes.Refusing(spender.Email, target) is { } taught && !OwnOf(spender.Email).IsNamed ? taught : null;

    public BudgetScope UserScope(string email) => new(BudgetScope.UserKey(email), BudgetOf(email));

    public static BudgetScope KeyScope(string email, Guid key, Budget budget) =>
        new(BudgetScope.PersonalKey("key", email, key.ToString()), budget);

    /// <summary>All distinct counters of a call: the user's, that of the app's allowance or the API key, then the others.</summary>
    public IReadOnlyList<BudgetScope> ScopesOf(Spender spender, CallTarget target) =>
        ScopesOf(spender, target, SourcesOf(spender, target).First);

    /// <summary>A limit of zero that blocks the call; <c>null</c> = none.</summary>
    /// <param name="target"><see cref="CallTarget.None"/> = the limit blocks every call of the spender, whatever its model.</param>
    public BudgetScope? BlockingScope(Spender spender, CallTarget target)
    {
        foreach (var scope in ScopesOf(spender, target))
        {
            if (scope.Budget.Limit > PicoUsd.Zero) continue;
            // A class may pay for some models.
            if (target == CallTarget.None && scope.IsPersons && spender.Budget is null && classes.Of(spender.Email).Any()) continue;
            return scope;
        }
        return null;
    }

    /// <summary>The counters for a given source of <see cref="SourcesOf(string, CallTarget)"/>.</summary>
    public IReadOnlyList<BudgetScope> ScopesOf(Spender spender, CallTarget target, OwnBudget own)
    {
        var together = options.CurrentValue.Together;
        // What the class pays is bounded by the class's own counter; together with the rest, by the larger of the two budgets.
        var user = new BudgetScope(BudgetScope.UserKey(spender.Email), own.Class is null ? own.Budget : BudgetOf(spender.Email));
        if (spender is { App: null, Key: not { Budget: not null } } && own.Class is null && own.Limits.IsEmpty && together.IsEmpty) return [
            user];

        var scopes = new List<BudgetScope> { user };
        if (own.Class is { } taught)
        {
            scopes.Add(taught.ScopeOf(spender.Email));
            if (taught.Together is { } bill) scopes.Add(bill);
        }
        if (spender.App is { Limit: { } limit } allowance) scopes.Add(AppScope(spender.Email, allowance, limit));
        if (spender.Key is { Budget: { } budget } key) scopes.Add(KeyScope(spender.Email, key.Id, budget));
        own.Limits.AddMatching(scopes, spender.Email, spender.App?.Origin, target);
        together.AddMatching(scopes, spender.Email, spender.App?.Origin, target);
        return scopes;
    }

    /// <summary>The counters that apply to some of the caller's calls only: each model, provider and app with a limit.</summary>
    public IReadOnlyList<BudgetScope> PartialScopesOf(Spender spender, OwnBudget source)
    {
        var (own, together) = (source.Limits, options.CurrentValue.Together.Calls);
        var apps = spender.App is null ? own.Apps.Values : [];
        return
        [
            .. own.Models.Select(model => model.Limit).Concat(own.Providers.Values).Concat(apps)
                .Select(limit => limit.ScopeFor(spender.Email)),
            .. together.Models.Select(model => model.Limit).Concat(together.Providers.Values).Select(limit => limit.ScopeFor(email: null)),
        ];
    }

    private OwnBudget LargerOf(string email) =>
        SourcesOf(email, CallTarget.None) is var (first, then) && then is not null && then.Budget.Limit > first.Budget.Limit ? then : first;

    private (OwnBudget Budget, bool IsNamed) OwnOf(string email) => options.CurrentValue.Budgets.Find(email) is var (name, budget)
        ? (budget, name == Email.Normalize(email))
        : (OwnBudget.None, false);

    // The user who issued the token chose its limit and days, so they are clamped to the valid range.
    private static BudgetScope AppScope(string email, AppAllowance allowance, decimal limit) => new(
        BudgetScope.AppKey(email, allowance.Origin.ToLowerInvariant()),
        new Budget(
            PicoUsd.FromUsd(Math.Clamp(limit, 0, BudgetOptions.MaxLimit)),
            new BudgetWindow.LastDays(Math.Clamp(allowance.Days, 1, BudgetOptions.MaxDays))));
}
