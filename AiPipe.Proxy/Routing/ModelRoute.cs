using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Routing;

/// <summary>
/// A path of its own that leads to a model which the operator has chosen (as with APISIX's <c>ai-proxy</c>): the request names none. Or, without
/// a path, a name for a model that callers use on the ordinary paths. Immutable.
/// </summary>
internal sealed record ModelRoute
{
    /// <summary>What it is managed by: 1 to 64 of letters, digits, dot, dash and underscore. An alias's: the name that callers use.</summary>
    public required string Id { get; init; }
    /// <summary>Where it is called; one that ends with <c>*</c> stands for all that begin so. An alias has none.</summary>
    public required IReadOnlyList<string> Paths { get; init; }
    /// <summary>Empty = all.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];
    /// <summary>Of several at one path the highest holds; of equal ones the one that was changed last.</summary>
    public int Priority { get; init; }
    /// <summary>When it was changed last at runtime, in Unix seconds; 0 = never.</summary>
    public long UpdatedAt { get; init; }
    public bool IsEnabled { get; init; } = true;
    /// <summary>At least one of them has a weight.</summary>
    public required IReadOnlyList<RouteTarget> Targets { get; init; }
    /// <summary>Attempts after the first; <c>null</c> = one for every other target.</summary>
    public int? Retries { get; init; }
    public FallbackRule FallbackOn { get; init; } = FallbackRule.Usual;
    /// <summary>The request header whose value always leads to the same target, while that is well; <c>null</c> = none.</summary>
    public string? Sticky { get; init; }
    /// <summary>What callers without a token may spend together; <c>null</c> = there may be none.</summary>
    public Budget? Anonymous { get; init; }
    /// <summary>Who gets the model's answer, and answers in its place; <c>null</c> = the caller gets it.</summary>
    public RouteUpstream? Upstream { get; init; }

    /// <summary>The request goes as it came, but for the model's name.</summary>
    public bool IsAlias => Paths.Count == 0;

    public bool Takes(string method) => Methods.Count == 0 || Methods.Contains(method, StringComparer.Ordinal);

    /// <summary>This route, with what is known of the targets that it had before. One with another key or address may be well: nobody has asked it yet.</summary>
    public ModelRoute Remembering(ModelRoute before) => this with
    {
        Targets = [.. Targets.Select(target => before.Targets.FirstOrDefault(known => known.Key == target.Key && known.HasSameAccess(target)) is { } same ? target with { Health = same.Health } : target)],
    };
}

/// <summary>A model that answers a route's calls, and how it is asked.</summary>
internal sealed record RouteTarget
{
    /// <summary>What it is known by within its route, in every replica.</summary>
    public required string Key { get; init; }
    /// <summary>Its share of the calls among targets of its priority; 0 = none at all.</summary>
    public int Weight { get; init; } = 1;
    /// <summary>Those of the highest are asked first.</summary>
    public int Priority { get; init; }
    /// <summary>What this process has seen of it; goes over to the same target of a changed route.</summary>
    public CircuitBreaker Health { get; init; } = new();
    /// <summary>A name of <see cref="ProviderCatalog"/>.</summary>
    public required string Provider { get; init; }
    public required string Model { get; init; }
    public required TargetOptions Options { get; init; }
    /// <summary>Asked in place of the provider's own address; without a query.</summary>
    public Uri? Endpoint { get; init; }
    /// <summary>The query of that address, as it is written. Never logged, traced or echoed.</summary>
    public string EndpointQuery { get; init; } = "";
    /// <summary>Headers that take the place of our key. Never logged, traced or echoed.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
    /// <summary>Parameters likewise.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];
    /// <summary>How long it may take to begin its answer; infinite = as long as any call.</summary>
    public required TimeSpan Timeout { get; init; }
    /// <summary><c>null</c> = by the connections of all other calls.</summary>
    public RouteConnection? Connection { get; init; }

    /// <summary>It is sent what the route says instead of a key of ours. Our key goes nowhere but to its provider.</summary>
    public bool HasOwnAccess => Headers.Count > 0 || Query.Count > 0 || Endpoint is not null;

    /// <summary>It is asked where the other one is, with the same keys.</summary>
    public bool HasSameAccess(RouteTarget other) =>
        Endpoint == other.Endpoint && EndpointQuery == other.EndpointQuery && Headers.SequenceEqual(other.Headers) && Query.SequenceEqual(other.Query);

    /// <summary>Never prints its keys.</summary>
    public override string ToString() => Key;
}

/// <summary>How connections to a target are kept: targets that say the same share them.</summary>
/// <param name="IsKept">They are used again.</param>
/// <param name="IdleTimeout">For so long.</param>
/// <param name="PoolSize">At most so many of them.</param>
/// <param name="VerifiesTls">Only with a certificate that can be trusted.</param>
internal sealed record RouteConnection(bool IsKept, TimeSpan IdleTimeout, int PoolSize, bool VerifiesTls);

/// <summary>Where a model's answer goes instead of to the caller.</summary>
/// <param name="Nodes">One of them, by weight.</param>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">The <c>Host</c> header; <c>null</c> = the caller's.</param>
/// <param name="UsesNodeHost">The <c>Host</c> header is the node's.</param>
internal sealed record RouteUpstream(IReadOnlyList<RouteNode> Nodes, string Scheme, string? Host, bool UsesNodeHost);

/// <summary>One machine of an upstream; without a port it is the scheme's.</summary>
internal sealed record RouteNode(string Host, int? Port, int Weight);
