using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.RateLimits;

/// <summary>Which limits a call is under: the caller's own by the most specific name, and all that it shares with others.</summary>
internal sealed class RateLimitResolver(IOptionsMonitor<RateLimitOptions> options)
{
    /// <summary>There is any limit on callers at all.</summary>
    public bool LimitsCalls => options.CurrentValue is var all && all.People.Count + all.Apps.Count + all.Models.Count + all.Providers.Count > 0;

    /// <summary>There is any limit on our keys at all.</summary>
    public bool LimitsKeys => options.CurrentValue.Keys.Count > 0;

    /// <summary>The caller's own bucket, if they are limited.</summary>
    public RateScope? OwnScopeOf(string email) => LimitOf(email) is { } limit ? new RateScope($"user:{email}", limit, email) : null;

    /// <summary>The buckets that the call shares with other callers.</summary>
    /// <param name="target">What is called.</param>
    /// <param name="isPriced">False for calls that are not metered: they name no model.</param>
    /// <param name="slice">The app that calls; <c>null</c> = none.</param>
    public IEnumerable<RateScope> SharedScopesOf(CallTarget target, bool isPriced, AppAllowance? slice)
    {
        // One and the same for all of the call: they may be changed meanwhile.
        var limits = options.CurrentValue;
        if (slice is not null && Shared("app", slice.Origin.TrimEnd('/'), limits.Apps) is { } app) yield return app;
        if (Shared("provider", target.Provider, limits.Providers) is { } provider) yield return provider;
        if (!isPriced || limits.Models.Count == 0) yield break;

        var isNamed = false;
        foreach (var (name, scope) in limits.NamedModels)
        {
            if (!name.Covers(target.Model, target.Family)) continue;
            isNamed = true;
            yield return scope;
        }
        if (!isNamed && Shared("model", target.Family ?? target.Model, limits.Models) is { } each) yield return each;
    }

    /// <summary>The bucket of one of our keys.</summary>
    public RateScope? KeyScopeOf(Provider provider, ProviderCredential credential) =>
        Shared("key", provider.Name, options.CurrentValue.Keys) is { } scope
            ? scope with { Key = $"{scope.Key}:{credential.Id}", Name = $"our key for {provider.Name}" }
            : null;

    private RateLimit? LimitOf(string email)
    {
        var people = options.CurrentValue.People;
        if (people.TryGetValue(email, out var own)) return own;
        if (email.LastIndexOf('@') is >= 0 and var at && people.TryGetValue(email[at..], out var domain)) return domain;
        return people.TryGetValue("*", out var everybody) ? everybody : null;
    }

    private static RateScope? Shared(string kind, string name, Dictionary<string, RateLimit> limits) =>
        limits.TryGetValue(name, out var limit) || limits.TryGetValue("*", out limit) ? RateScope.Shared(kind, name, limit) : null;
}
