using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Budgets;

/// <summary>A limit on a part of the spending: a model, provider, app, team, …</summary>
/// <param name="Name">In lower case.</param>
internal sealed record ScopeLimit(string Kind, string Name, Budget Budget)
{
    private readonly BudgetScope _together = new(BudgetScope.SharedKey(Kind, Name), Budget);

    /// <summary>The counter of one person's own limit, or with <c>null</c> of the shared limit.</summary>
    public BudgetScope ScopeFor(string? email) => email is null ? _together : new(BudgetScope.PersonalKey(Kind, email, Name), Budget);
}

/// <summary>Limits by model, provider and app. All matching limits apply to a call.</summary>
internal sealed record CallLimits
{
    public static readonly CallLimits None = new();

    public IReadOnlyList<(ModelName Name, ScopeLimit Limit)> Models { get; init; } = [];
    public IReadOnlyDictionary<string, ScopeLimit> Providers { get; init; } = new Dictionary<string, ScopeLimit>();
    public IReadOnlyDictionary<string, ScopeLimit> Apps { get; init; } = new Dictionary<string, ScopeLimit>();

    public bool IsEmpty => Models.Count == 0 && Providers.Count == 0 && Apps.Count == 0;

    /// <summary>Adds the counters of the limits that apply to a call.</summary>
    /// <param name="email">The owner of the limits; <c>null</c> = shared.</param>
    public void AddMatching(List<BudgetScope> scopes, string? email, string? app, CallTarget target)
    {
        foreach (var (name, limited) in Models)
            if (name.Covers(target.Model, target.Family)) scopes.Add(limited.ScopeFor(email));
        if (Providers.TryGetValue(target.Provider, out var provider)) scopes.Add(provider.ScopeFor(email));
        if (app is not null && Apps.Count > 0 && Apps.TryGetValue(AppOrigin.Normalize(app), out var limit)) scopes.Add(
            limit.ScopeFor(email));
    }
}

/// <summary>What a call targets, for limits.</summary>
/// <param name="Model">As the request names it; empty = none.</param>
/// <param name="Family">The model's name in the price tables, if known.</param>
internal readonly record struct CallTarget(string Provider, string Model, string? Family)
{
    /// <summary>Matches only limits that apply to every call.</summary>
    public static readonly CallTarget None = new("", "", Family: null);
}

internal static class AppOrigin
{
    public static string Normalize(string origin) => origin.TrimEnd('/').ToLowerInvariant();
}
