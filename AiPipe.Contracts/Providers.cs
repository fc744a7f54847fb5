using System.Text.Json.Serialization;

namespace AiPipe.Contracts;

/// <summary>The providers that calls can go to: <c>GET /admin/providers</c>.</summary>
/// <param name="Providers">In the catalog's order.</param>
public sealed record ProviderList(IReadOnlyList<ProviderInfo> Providers);

/// <summary>A provider and its keys, as the replica that responds has seen them.</summary>
/// <param name="Name">Its name, the first segment of its paths.</param>
/// <param name="Alias">Another name.</param>
/// <param name="Dialect"><c>openai</c> or <c>gemini</c>.</param>
/// <param name="BaseUrl">Where its calls go.</param>
/// <param name="BuiltIn">The demo provider, which needs no key.</param>
/// <param name="AllowsByok">Callers may use a key of their own (BYOK).</param>
/// <param name="Source"><c>file</c>, or <c>runtime</c> where an admin changed it.</param>
/// <param name="Keys">The gateway's keys.</param>
public sealed record ProviderInfo(
    string Name, string? Alias, string Dialect, string BaseUrl, bool BuiltIn,
    [property: JsonPropertyName("takes_own_keys")] bool AllowsByok, string Source,
    IReadOnlyList<ProviderKeyInfo> Keys);

/// <summary>A key that the gateway has for a provider.</summary>
/// <param name="Key">Masked: <c>sk-…last4</c>.</param>
/// <param name="Id">Names it in a change of the setting: <c>{ "Id": "sec_…" }</c>.</param>
/// <param name="Status"><c>ok</c> or <c>set_aside</c>.</param>
/// <param name="SetAsideUntil">The end of its cooldown.</param>
/// <param name="LastStatus">The last HTTP status of the provider.</param>
/// <param name="LastUsedAt">When it was used last.</param>
/// <param name="LastErrorAt">When the provider rejected it last.</param>
public sealed record ProviderKeyInfo(
    string Key, string Id, string Status, DateTimeOffset? SetAsideUntil, int? LastStatus, DateTimeOffset? LastUsedAt,
    DateTimeOffset? LastErrorAt);

/// <summary>The hosts that <c>X-Host-Final</c> may name: <c>GET /admin/hosts</c>.</summary>
/// <param name="Hosts">Those with a key.</param>
public sealed record HostList(IReadOnlyList<HostInfo> Hosts);

/// <summary>A host.</summary>
/// <param name="Host">Its name, with its port where that is not the default.</param>
/// <param name="Provider">The provider there.</param>
/// <param name="BaseUrl">Where its calls go.</param>
/// <param name="Keys">The gateway's keys, masked: <c>sk-…last4</c>.</param>
public sealed record HostInfo(string Host, string Provider, string BaseUrl, IReadOnlyList<string> Keys);

/// <summary>Adds a key for a host: <c>POST /admin/hosts</c>.</summary>
/// <param name="Host">A name such as <c>api.example.com</c>.</param>
/// <param name="Key">The key.</param>
public sealed record HostKeyRequest(string? Host, string? Key)
{
    /// <summary>Never prints the key.</summary>
    public override string ToString() => nameof(HostKeyRequest);
}
