using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Settings.Hosts;

/// <summary>Keys of hosts, as in ai-proxy-cloudflare: keys of the host's provider, which is created if necessary.</summary>
internal sealed class HostKeys(SettingChanges changes, ProviderCatalog providers)
{
    private const int MaxKeyLength = 1000;

    /// <summary>Per host; far more than necessary.</summary>
    private const int MostKeys = 100;

    private static readonly SearchValues<char> HostLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-");

    /// <summary>Adds a key of a host; a known key changes nothing.</summary>
    /// <returns>The refusal; <c>null</c> on success.</returns>
    public async Task<Refusal?> AddAsync(string host, string key, ChangedBy who, CancellationToken cancellationToken)
    {
        if (!TryRead(host, out var name)) return NoHost();
        if (key.Length is 0 or > MaxKeyLength || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return Refusal.InvalidRequest(
                $"A key has from 1 to {MaxKeyLength} characters, without blanks or letters that no key has.", "key");
        var provider = providers.TryFindHost(name, out var found) ? found.Name : name;
        var change = new SettingChange(SettingPath.OfFile(SettingPath.Providers, provider)!, Value: null)
        {
            Make = (document, stored) => With(document, stored, key, provider == name ? $"https://{name}" : null),
        };
        // The settings can only reject the key: the host was validated above.
        return await changes.ChangeAsync(change, who, cancellationToken) is { } refusal
            ? refusal with { Param = refusal.Param is null ? null : "key" }
            : null;
    }

    public async Task<Refusal?> RemoveAsync(string host, string who, CancellationToken cancellationToken)
    {
        if (!providers.TryFindHost(host, out var provider) || provider.Credentials.Count == 0) return Refusal.NotFound(
            $"/admin/hosts/{host}");
        var path = SettingPath.OfFile(SettingPath.Providers, provider.Name)!;
        // A known provider's key may come from the environment, too: only an empty list removes it.
        var change = provider.KeyVariable is null
            ? new SettingChange(path, JsonElement.Parse("null"))
            : new SettingChange(path, Value: null) { Make = static (document, _) => WithKeys(document, []) };
        return await changes.ChangeAsync(change, who, cancellationToken);
    }

    /// <summary>The canonical name of a host; no address, no port.</summary>
    public static bool TryRead(string written, [NotNullWhen(true)] out string? host)
    {
        host = written.ToLowerInvariant();
        var labels = host.Split('.');
        if (host.Length <= 253 && labels.Length > 1 && !host.AsSpan().ContainsAnyExcept(HostLetters)
            && Array.TrueForAll(labels, static label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-')
            // No top-level domain begins with a digit: such text is an address in one of its many spellings.
            && !char.IsAsciiDigit(labels[^1][0])) return true;
        host = null;
        return false;
    }

    public static Refusal NoHost() =>
        Refusal.InvalidRequest("A host is a name such as api.example.com, without a port, a path or an address in numbers.", "host");

    private static JsonObject? With(SettingNode? document, StoredSecrets stored, string key, string? address)
    {
        if (stored.Contains(key)) return null;
        if (stored.Ids.Count >= MostKeys) throw new FormatException(
            $"This host already has {MostKeys} keys, the maximum.");
        var made = WithKeys(document, [.. stored.Ids.Select(id => new JsonObject { ["Id"] = id }), key]);
        if (address is not null && document?.Named("BaseUrl").Any() != true) made["BaseUrl"] = address;
        return made;
    }

    private static JsonObject WithKeys(SettingNode? document, JsonArray keys)
    {
        var others = document?.Children.Where(field => !field.Key.Equals("Keys", StringComparison.OrdinalIgnoreCase)) ?? [];
        return new JsonObject(others.Select(field => KeyValuePair.Create(field.Key, SettingDocument.ToJson(field)))) { ["Keys"] = keys };
    }
}
