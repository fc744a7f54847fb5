using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Journey.Backends;

/// <summary>Lays section <c>AiPipe:Providers</c> and the seeds' key variables over <see cref="KnownProviders"/>.</summary>
internal static class ProviderConfiguration
{
    /// <summary>The providers of this instance.</summary>
    /// <exception cref="OptionsValidationException">One line that names the wrong key and its mend.</exception>
    public static IReadOnlyList<Provider> Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("AiPipe:Providers");
        var configured = section.GetChildren().ToDictionary(child => child.Key, StringComparer.OrdinalIgnoreCase);
        var known = KnownProviders.All.Select(provider => Lay(configured.Values.FirstOrDefault(child => Names(child, provider)), provider, configuration));
        var others = configured.Values
            .Where(child => !KnownProviders.All.Any(provider => Names(child, provider)))
            .Select(child => Lay(child, New(child), configuration));
        var all = known.Concat(others).ToList();

        // The demo provider is for newcomers: it is there until the first key is, or when it is asked for by name.
        var keepDemo = configured.ContainsKey(KnownProviders.Demo) || !all.Exists(provider => !provider.IsBuiltIn && provider.Credentials.Count > 0);
        return keepDemo ? all : all.FindAll(provider => !provider.IsBuiltIn);
    }

    private static bool Names(IConfigurationSection section, Provider provider) =>
        section.Key.Equals(provider.Name, StringComparison.OrdinalIgnoreCase) || section.Key.Equals(provider.Alias, StringComparison.OrdinalIgnoreCase);

    private static Provider New(IConfigurationSection section) => new()
    {
        Name = section.Key.ToLowerInvariant(),
        Dialect = Dialect.OpenAi,
        BaseUrl = BaseUrlOf(section) ?? throw Wrong($"{section.Path}:BaseUrl is missing: give the address that the provider's paths are appended to."),
        TelemetryName = section.Key.ToLowerInvariant(),
    };

    private static Provider Lay(IConfigurationSection? section, Provider provider, IConfiguration configuration)
    {
        // Trimmed, since keys that come out of files end with a line's end, which no header may have.
        var keys = section?.GetSection("Keys").GetChildren().Select(key => key.Value?.Trim()).OfType<string>().Where(key => key.Length > 0).ToList() ?? [];
        if (keys.Count == 0 && provider.KeyVariable is { } variable && configuration[variable]?.Trim() is { Length: > 0 } key) keys.Add(key);
        return provider with
        {
            Dialect = DialectOf(section) ?? provider.Dialect,
            BaseUrl = BaseUrlOf(section) ?? provider.BaseUrl,
            Credentials = keys.Count > 0 ? [.. keys.Select(text => new ProviderCredential(text))] : provider.Credentials,
        };
    }

    private static Uri? BaseUrlOf(IConfigurationSection? section)
    {
        if (section?["BaseUrl"] is not { Length: > 0 } text) return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0
            ? url
            : throw Wrong($"{section.Path}:BaseUrl is not an http(s) address: write it like https://api.example.com.");
    }

    private static Dialect? DialectOf(IConfigurationSection? section) => section?["Dialect"] switch
    {
        null or "" => null,
        var text when text.Equals("openai", StringComparison.OrdinalIgnoreCase) => Dialect.OpenAi,
        var text when text.Equals("gemini", StringComparison.OrdinalIgnoreCase) => Dialect.Gemini,
        _ => throw Wrong($"{section.Path}:Dialect is unknown: use openai or gemini."),
    };

    private static OptionsValidationException Wrong(string line) => new(nameof(Provider), typeof(Provider), [line]);
}
