using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Providers;

/// <summary>A place that answers calls. A new one of a known dialect is data: see <see cref="KnownProviders"/>.</summary>
internal sealed record Provider
{
    /// <summary>The first path segment: <c>openai</c>.</summary>
    public required string Name { get; init; }
    /// <summary>Another first path segment that leads here.</summary>
    public string? Alias { get; init; }
    public required Dialect Dialect { get; init; }
    /// <summary>What the rest of the path is appended to.</summary>
    public required Uri BaseUrl { get; init; }
    /// <summary>Our keys for it; empty = only callers with their own key can use it.</summary>
    public IReadOnlyList<ProviderCredential> Credentials { get; init; } = [];
    /// <summary>The environment variable that its key is read from, named in errors.</summary>
    public string? KeyVariable { get; init; }
    /// <summary>Its name in OpenTelemetry's <c>gen_ai.provider.name</c>.</summary>
    public required string TelemetryName { get; init; }
    /// <summary>The field that an output limit is added as to a chat request that has none.</summary>
    public string ChatLimitField { get; init; } = "max_tokens";
    /// <summary>The provider bills calls itself and says so in <c>usage.cost</c>.</summary>
    public bool ReportsCost { get; init; }
    /// <summary>
    /// A caller may bring a key of their own. Only where the provider itself checks keys: behind a configured address there may be
    /// one that answers anybody.
    /// </summary>
    public bool AllowsByok { get; init; }
    /// <summary>Answered inside this process, without a network.</summary>
    public bool IsBuiltIn { get; init; }

    /// <summary>This provider, with the keys that it shares with how it was before, so that a refused one is still known for it.</summary>
    public Provider Remembering(Provider before) => BaseUrl != before.BaseUrl ? this : this with
    {
        Credentials = [.. Credentials.Select(key => before.Credentials.FirstOrDefault(known => known.Key == key.Key) ?? key)],
    };
}
