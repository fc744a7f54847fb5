using System.Collections.Frozen;
using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Providers;

/// <summary>A provider. A new one of a known dialect is data: see <see cref="KnownProviders"/>.</summary>
internal sealed record Provider
{
    public required string Name { get; init; }
    /// <summary>A second first path segment.</summary>
    public string? Alias { get; init; }
    public required Dialect Dialect { get; init; }
    public required Uri BaseUrl { get; init; }
    /// <summary>Our keys; empty = only callers with a BYOK key can use the provider.</summary>
    public IReadOnlyList<ProviderCredential> Credentials { get; init; } = [];
    public string? KeyVariable { get; init; }
    /// <summary>The environment variable with the address, for a provider without a usual one.</summary>
    public string? AddressVariable { get; init; }
    /// <summary>Paths that the provider has elsewhere: the start of ours, and of its own. The first that fits applies.</summary>
    public IReadOnlyList<(string Ours, string Theirs)> Paths { get; init; } = [];
    /// <summary>Other APIs of the provider, each below a path.</summary>
    public IReadOnlyList<ProviderSurface> Surfaces { get; init; } = [];
    /// <summary>The <c>api-version</c> of requests that name none; <c>null</c> = none is added.</summary>
    public string? ApiVersion { get; init; }
    /// <summary>The model of each deployment, for its price. Deployments that are not listed are named as their models.</summary>
    public IReadOnlyDictionary<string, string> Deployments { get; init; } = FrozenDictionary<string, string>.Empty;
    /// <summary>The provider whose embedded prices apply to models that have none of their own here; <c>null</c> = none.</summary>
    public string? PriceList { get; init; }
    /// <summary>True if all of its models are free: a server of the operator's own.</summary>
    public bool IsFree { get; init; }
    /// <summary>True if the provider takes no key.</summary>
    public bool IsKeyless { get; init; }
    /// <summary>The value of OpenTelemetry's <c>gen_ai.provider.name</c>.</summary>
    public required string TelemetryName { get; init; }
    /// <summary>The field of an output limit that is added to a chat request.</summary>
    public string ChatLimitField { get; init; } = "max_tokens";
    /// <summary>True if the provider reports its charge in <c>usage.cost</c>.</summary>
    public bool ReportsCost { get; init; }
    /// <summary>True if every stream has a usage report, so that none is requested.</summary>
    public bool ReportsStreamUsage { get; init; }
    /// <summary>True if model names can have a variant that has the price of the model: <c>…:nitro</c>.</summary>
    public bool HasVariants { get; init; }
    /// <summary>True if a request can state the highest price at which it is served (<c>provider.max_price</c>).</summary>
    public bool TakesMaxPrice { get; init; }
    /// <summary>True if callers may send a BYOK key. False for configured addresses, because a server there may not check keys.</summary>
    public bool AllowsByok { get; init; }
    public CallerGone OnCallerGone { get; init; }
    public bool IsBuiltIn { get; init; }

    /// <summary>Copies the state of keys that were configured before, so that a rejected key keeps its cooldown.</summary>
    public Provider Remembering(Provider before) => BaseUrl != before.BaseUrl ? this : this with
    {
        Credentials = [.. Credentials.Select(key => before.Credentials.FirstOrDefault(known => known.Key == key.Key) ?? key)],
    };
}
