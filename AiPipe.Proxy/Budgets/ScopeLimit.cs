using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Budgets;

/// <summary>A budget for a part of the spending: what goes to a model, a provider, through an app, out of a team …</summary>
/// <param name="Kind">Which kind of part (<see cref="BudgetScope.Kind"/>).</param>
/// <param name="Name">Which part, in lower case.</param>
/// <param name="Budget">Its limit.</param>
internal sealed record ScopeLimit(string Kind, string Name, Budget Budget)
{
    // Made once: everybody's calls are held against the same.
    private readonly BudgetScope _together = new(BudgetScope.SharedKey(Kind, Name), Budget);

    /// <summary>The counter of one person's own limit, or with <c>null</c> that of everybody's spending together.</summary>
    public BudgetScope ScopeFor(string? email) => email is null ? _together : new(BudgetScope.PersonalKey(Kind, email, Name), Budget);
}

/// <summary>Limits by what a call asks for. All that match a call hold for it.</summary>
internal sealed record CallLimits
{
    public static readonly CallLimits None = new();

    public IReadOnlyList<(ModelName Name, ScopeLimit Limit)> Models { get; init; } = [];
    public IReadOnlyDictionary<string, ScopeLimit> Providers { get; init; } = new Dictionary<string, ScopeLimit>();
    /// <summary>By origin, as <see cref="AppOrigin"/> spells it.</summary>
    public IReadOnlyDictionary<string, ScopeLimit> Apps { get; init; } = new Dictionary<string, ScopeLimit>();

    public bool IsEmpty => Models.Count == 0 && Providers.Count == 0 && Apps.Count == 0;

    /// <summary>Adds the counters of the limits that hold for a call.</summary>
    /// <param name="scopes">Where to.</param>
    /// <param name="email">Whose limits they are; <c>null</c> = everybody's together.</param>
    /// <param name="app">The app that calls; <c>null</c> = none.</param>
    /// <param name="target">What is called.</param>
    public void AddMatching(List<BudgetScope> scopes, string? email, string? app, CallTarget target)
    {
        foreach (var (name, limited) in Models)
            if (name.Covers(target.Model, target.Family)) scopes.Add(limited.ScopeFor(email));
        if (Providers.TryGetValue(target.Provider, out var provider)) scopes.Add(provider.ScopeFor(email));
        if (app is not null && Apps.Count > 0 && Apps.TryGetValue(AppOrigin.Normalize(app), out var limit)) scopes.Add(limit.ScopeFor(email));
    }
}

/// <summary>What a call asks for, as far as limits go.</summary>
/// <param name="Provider">The provider's own name; empty = whichever.</param>
/// <param name="Model">The model as the request names it; empty = none.</param>
/// <param name="Family">What the price tables take the model for, where they say.</param>
internal readonly record struct CallTarget(string Provider, string Model, string? Family)
{
    /// <summary>No call in particular: only what holds for every call matches it.</summary>
    public static readonly CallTarget None = new("", "", Family: null);
}

/// <summary>The one spelling of an app's web origin in limits.</summary>
internal static class AppOrigin
{
    public static string Normalize(string origin) => origin.TrimEnd('/').ToLowerInvariant();
}
