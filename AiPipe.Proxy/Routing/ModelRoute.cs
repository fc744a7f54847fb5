using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Routing;

/// <summary>
/// A path that leads to models of the operator's choice (as APISIX's <c>ai-proxy</c>), so that requests name none; or, without a path, an
/// alias for a model on the ordinary paths. Immutable.
/// </summary>
internal sealed record ModelRoute
{
    /// <summary>1 to 64 letters, digits, dots, dashes and underscores. The id of an alias is the name that callers use.</summary>
    public required string Id { get; init; }
    /// <summary>A path that ends with <c>*</c> matches every path with that prefix. Empty for an alias.</summary>
    public required IReadOnlyList<string> Paths { get; init; }
    public IReadOnlyList<string> Methods { get; init; } = [];
    /// <summary>The highest wins; of equal ones, the one changed last.</summary>
    public int Priority { get; init; }
    /// <summary>The last change at runtime, in Unix seconds; 0 = never.</summary>
    public long UpdatedAt { get; init; }
    public bool IsEnabled { get; init; } = true;
    public required IReadOnlyList<RouteTarget> Targets { get; init; }
    /// <summary>Attempts after the first; <c>null</c> = one for every other target.</summary>
    public int? Retries { get; init; }
    public FallbackRule FallbackOn { get; init; } = FallbackRule.Usual;
    /// <summary>The request header for session affinity: the same value leads to the same healthy target; <c>null</c> = none.</summary>
    public string? Sticky { get; init; }
    /// <summary>The shared budget of callers without a token; <c>null</c> = a token is required.</summary>
    public Budget? Anonymous { get; init; }
    /// <summary>Receives the model's response and responds to the caller; <c>null</c> = the caller receives it.</summary>
    public RouteUpstream? Upstream { get; init; }

    /// <summary>Only the model's name changes in the request.</summary>
    public bool IsAlias => Paths.Count == 0;

    public bool Takes(string method) => Methods.Count == 0 || Methods.Contains(method, StringComparer.Ordinal);

    /// <summary>Copies the state of targets that were configured before. A target with another key or address starts anew.</summary>
    public ModelRoute Remembering(ModelRoute before) => this with
    {
        Targets = [.. Targets.Select(
            target => before.Targets.FirstOrDefault(known => known.Key == target.Key && known.HasSameAccess(target)) is { } same
            ? target with { Breaker = same.Breaker } : target)],
    };
}

internal sealed record RouteTarget
{
    /// <summary>Identifies the target within its route, in every replica.</summary>
    public required string Key { get; init; }
    /// <summary>The share of calls among targets of equal priority; 0 = none.</summary>
    public int Weight { get; init; } = 1;
    public int Priority { get; init; }
    /// <summary>The state in this process; kept when the route is replaced.</summary>
    public CircuitBreaker Breaker { get; init; } = new();
    /// <summary>A name in <see cref="ProviderCatalog"/>.</summary>
    public required string Provider { get; init; }
    public required string Model { get; init; }
    public required TargetOptions Options { get; init; }
    /// <summary>Replaces the provider's address; without a query.</summary>
    public Uri? Endpoint { get; init; }
    /// <summary>The query of <see cref="Endpoint"/>. Never logged, traced or echoed.</summary>
    public string EndpointQuery { get; init; } = "";
    /// <summary>Sent instead of our key. Never logged, traced or echoed.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
    /// <summary>Sent instead of our key. Never logged, traced or echoed.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];
    /// <summary>The time until the response starts; infinite = as for any call.</summary>
    public required TimeSpan Timeout { get; init; }
    /// <summary><c>null</c> = the shared connections.</summary>
    public RouteConnection? Connection { get; init; }

    /// <summary>True if the target gets the route's credentials. Our keys go only to their own provider.</summary>
    public bool HasOwnAccess => Headers.Count > 0 || Query.Count > 0 || Endpoint is not null;

    /// <summary>The texts of the route's credentials, which no response may contain.</summary>
    public KeyTexts Secrets => field ??= KeyTexts.Create(
        [.. Headers.Select(static header => header.Value), .. Query.Select(static parameter => parameter.Value),
            .. EndpointQuery.Split('&').Select(static parameter => Uri.UnescapeDataString(parameter[(parameter.IndexOf('=') + 1)..]))]);

    public bool HasSameAccess(RouteTarget other) =>
        Endpoint == other.Endpoint && EndpointQuery == other.EndpointQuery && Headers.SequenceEqual(other.Headers)
            && Query.SequenceEqual(other.Query);

    public override string ToString() => Key;
}

/// <summary>Connection settings of a target; targets with equal settings share connections.</summary>
internal sealed record RouteConnection(bool IsKept, TimeSpan IdleTimeout, int PoolSize, bool VerifiesTls);

/// <param name="Nodes">One is chosen by weight.</param>
/// <param name="UsesNodeHost">True if the <c>Host</c> header is the node's.</param>
internal sealed record RouteUpstream(IReadOnlyList<RouteNode> Nodes, string Scheme, string? Host, bool UsesNodeHost);

internal sealed record RouteNode(string Host, int? Port, int Weight);
