using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.RateLimits;

/// <summary>Resolves the limits of a call: the caller's own by the most specific name, and all shared ones.</summary>
internal sealed class RateLimitResolver(IOptionsMonitor<RateLimitOptions> options)
{
    public bool LimitsCalls =>
        options.CurrentValue is var all && all.People.Count + all.Apps.Count + all.Models.Count + all.Providers.Count > 0;

    public bool LimitsKeys => options.CurrentValue.Keys.Count > 0;

    public RateScope? OwnScopeOf(string email) =>
        options.CurrentValue.People.Find(email) is var (_, limit) ? new RateScope($"user:{email}", limit, email) : null;

    public IEnumerable<RateScope> SharedScopesOf(CallTarget target, bool isPriced, AppAllowance? allowance)
    {
        // Read once: the limits may change during the call.
        var limits = options.CurrentValue;
        if (allowance is not null && Shared("app", allowance.Origin.TrimEnd('/'), limits.Apps) is { } app) yield return app;
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

    public RateScope? KeyScopeOf(Provider provider, ProviderCredential credential) =>
        Shared("key", provider.Name, options.CurrentValue.Keys) is { } scope
            ? scope with { Key = $"{scope.Key}:{credential.Id}", Name = $"our key for {provider.Name}" }
            : null;

    private static RateScope? Shared(string kind, string name, Dictionary<string, RateLimit> limits) =>
        limits.TryGetValue(name, out var limit) || limits.TryGetValue("*", out limit) ? RateScope.Shared(kind, name, limit) : null;
}
