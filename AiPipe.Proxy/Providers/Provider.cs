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
    /// <summary>The value of OpenTelemetry's <c>gen_ai.provider.name</c>.</summary>
    public required string TelemetryName { get; init; }
    /// <summary>The field of an output limit that is added to a chat request.</summary>
    public string ChatLimitField { get; init; } = "max_tokens";
    /// <summary>True if the provider reports its charge in <c>usage.cost</c>.</summary>
    public bool ReportsCost { get; init; }
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
