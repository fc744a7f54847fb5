using AiPipe.Proxy.Journey.Authentication;
using AiPipe.Proxy.Journey.Backends;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Journey.Budgets.RateLimits;

/// <summary>Which limits a call is under: the caller's own by the most specific name, and all that it shares with others.</summary>
internal sealed class RateLimitBook(IOptions<RateLimitOptions> options)
{
    private readonly RateLimitOptions _limits = options.Value;
    private readonly List<(ModelName Name, RateScope Scope)> _models =
        [.. options.Value.Models.Where(limit => limit.Key != "*").Select(limit => (new ModelName(limit.Key), Shared("model", limit.Key, limit.Value)))];

    /// <summary>There is any limit on callers at all.</summary>
    public bool LimitsCalls { get; } = options.Value is var all && all.People.Count + all.Apps.Count + all.Models.Count + all.Providers.Count > 0;

    /// <summary>There is any limit on our keys at all.</summary>
    public bool LimitsKeys { get; } = options.Value.Keys.Count > 0;

    /// <summary>The caller's own bucket, if they are limited.</summary>
    public RateScope? OwnScopeOf(string email) => LimitOf(email) is { } limit ? new RateScope($"user:{email}", limit, email) : null;

    /// <summary>The buckets that the call shares with other callers.</summary>
    public IEnumerable<RateScope> SharedScopesOf(GatewayCall call, AppSlice? slice)
    {
        if (slice is not null && Shared("app", slice.Origin.TrimEnd('/'), _limits.Apps) is { } app) yield return app;
        if (Shared("provider", call.Provider.Name, _limits.Providers) is { } provider) yield return provider;
        if (call.Price is null || _limits.Models.Count == 0) yield break;

        var isNamed = false;
        foreach (var (name, scope) in _models)
        {
            if (!name.Covers(call.Body.Model, call.Price.Family)) continue;
            isNamed = true;
            yield return scope;
        }
        if (!isNamed && Shared("model", call.Price.Family ?? call.Body.Model, _limits.Models) is { } each) yield return each;
    }

    /// <summary>The bucket of one of our keys.</summary>
    public RateScope? KeyScopeOf(Provider provider, ProviderCredential credential) =>
        Shared("key", provider.Name, _limits.Keys) is { } scope ? scope with { Key = $"{scope.Key}:{credential.Id}", Name = $"our key for {provider.Name}" } : null;

    private RateLimit? LimitOf(string email)
    {
        var people = _limits.People;
        if (people.TryGetValue(email, out var own)) return own;
        if (email.LastIndexOf('@') is >= 0 and var at && people.TryGetValue(email[at..], out var domain)) return domain;
        return people.TryGetValue("*", out var everybody) ? everybody : null;
    }

    private static RateScope? Shared(string kind, string name, Dictionary<string, RateLimit> limits) =>
        limits.TryGetValue(name, out var limit) || limits.TryGetValue("*", out limit) ? Shared(kind, name, limit) : null;

    private static RateScope Shared(string kind, string name, RateLimit limit) => new($"{kind}:{name.ToLowerInvariant()}", limit, $"{kind} {name}");
}
