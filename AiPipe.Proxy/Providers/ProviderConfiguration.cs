using System.Buffers;
using System.Collections.Frozen;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Providers;

/// <summary>Applies section <c>AiPipe:Providers</c> and the key variables to <see cref="KnownProviders"/>.</summary>
internal static class ProviderConfiguration
{
    /// <summary>The name of <c>AllowsByok</c> in files and stored settings of earlier versions.</summary>
    private const string EarlierAllowsByok = "TakesOwnKeys";

    private static readonly string[] Fields =
    [
        "Keys", "BaseUrl", "Dialect", "AllowsByok", EarlierAllowsByok, "OnCallerGone", "Enabled", "Free", "ApiVersion", "Deployments",
    ];

    /// <summary>First path segments of other endpoints, which no provider may use.</summary>
    internal static readonly string[] Taken =
        ["access_token", "account", "admin", "alive", "apisix", "classes", "console", "docs", "estimate", "favicon.ico", "grants", "health",
        "keys", "login", "metrics", "models", "openapi", "playground", "proxy", "robots.txt", "similarity", "token", "usage", "v1"];

    /// <summary>Sent to servers that take no key; OpenAI's clients require one.</summary>
    private const string NoKey = "none";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    public static bool IsTaken(ReadOnlySpan<char> segment)
    {
        foreach (var name in Taken)
            if (segment.Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <exception cref="OptionsValidationException">The message names the invalid setting and its fix.</exception>
    public static IReadOnlyList<Provider> Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("AiPipe:Providers");
        if (section.Value is { Length: > 0 }) throw section.Wrong("must be a group of providers: { \"openai\": { \"Keys\": [ \"…\" ] } }");
        foreach (var child in section.GetChildren()) RefuseWrong(child);
        var configured = section.GetChildren().ToDictionary(child => child.Key, StringComparer.OrdinalIgnoreCase);
        var known = KnownProviders.All.Select(
            provider => Lay(configured.Values.FirstOrDefault(child => provider.IsNamed(child.Key)), provider, configuration));
        var others = configured.Values
            .Where(child => KnownProviders.All.ByName(child.Key) is null)
            .Select(child => Lay(child, New(child), configuration));
        return [.. known.Concat(others).Where(provider => IsEnabled(configured.Values.FirstOrDefault(child => provider.IsNamed(child.Key))))];
    }

    private static void RefuseWrong(IConfigurationSection section)
    {
        section.RefuseOthersThan(Fields);
        if (IsTaken(section.Key))
            throw section.WrongName("has the name of one of our own paths: choose another name");
        if (section.Key.AsSpan().ContainsAnyExcept(NameCharacters) || section.Key.StartsWith('.') || section.Key.EndsWith('.'))
            throw section.WrongName("has a name that is invalid in a path: use letters, digits, -, _ and dots (not at the ends)");
    }

    private static Provider New(IConfigurationSection section) => new()
    {
        Name = section.Key.ToLowerInvariant(),
        Dialect = Dialect.OpenAi,
        BaseUrl = BaseUrlOf(section) ?? throw section.GetSection("BaseUrl")
            .Wrong("is missing: give the address that the provider's paths are appended to"),
        TelemetryName = section.Key.ToLowerInvariant(),
    };

    private static Provider Lay(IConfigurationSection? section, Provider provider, IConfiguration configuration)
    {
        var keys = KeysOf(section, provider, configuration);
        var dialect = DialectOf(section) ?? provider.Dialect;
        var address = BaseUrlOf(section) ?? AddressOf(provider, configuration);
        var isFree = BoolOf(section, "Free") ?? provider.IsFree;
        if (keys.Count > 0 && address is null && provider is { AddressVariable: { } variable, IsKeyless: false })
            throw Wrong($"AiPipe:Providers:{provider.Name}:BaseUrl is missing: give the address of your resource, here or in {variable}.");
        // Such a provider is used once it is named.
        if (keys.Count == 0 && (provider.IsKeyless || isFree) && (section is not null || address is not null)) keys.Add(NoKey);
        return provider with
        {
            Dialect = dialect,
            BaseUrl = dialect == Dialect.Azure ? OfResource(address ?? provider.BaseUrl) : address ?? provider.BaseUrl,
            // A server at another address may not check keys, which would make it open to everyone.
            AllowsByok = AllowsByok(section) ?? (provider.AllowsByok && IsAtHome(section, provider)),
            OnCallerGone = OnCallerGone(section) ?? provider.OnCallerGone,
            IsFree = isFree,
            ApiVersion = section?["ApiVersion"] is { Length: > 0 } version ? version
                : provider.ApiVersion ?? (dialect == Dialect.Azure ? KnownProviders.AzureVersion : null),
            PriceList = dialect == Dialect.Azure ? "openai" : provider.PriceList,
            Deployments = section?.GetSection("Deployments").GetChildren()
                .Where(static deployment => deployment.Value is { Length: > 0 })
                .ToFrozenDictionary(static deployment => deployment.Key, static deployment => deployment.Value!,
                    StringComparer.OrdinalIgnoreCase) ?? provider.Deployments,
            Credentials = keys.Count > 0 ? [.. keys.Select(text => new ProviderCredential(text))] : provider.Credentials,
        };
    }

    private static bool IsEnabled(IConfigurationSection? section) => BoolOf(section, "Enabled") ?? true;

    private static bool? BoolOf(IConfigurationSection? section, string name)
    {
        if (section?[name] is not { } text) return null;
        return bool.TryParse(text, out var value) ? value : throw section.GetSection(name).Wrong("must be true or false");
    }

    private static Uri? AddressOf(Provider provider, IConfiguration configuration)
    {
        if (provider.AddressVariable is not { } variable || configuration[variable] is not { Length: > 0 } text) return null;
        return ReadAddress(text) ?? throw Wrong($"{variable} is not an http(s) address without a query: write it like https://api.example.com.");
    }

    /// <summary>The address below which a resource of Azure has both its deployments and <c>/v1</c>.</summary>
    private static Uri OfResource(Uri address)
    {
        var text = address.AbsoluteUri.TrimEnd('/');
        if (text.EndsWith("/openai/v1", StringComparison.Ordinal)) text = text[..^"/v1".Length];
        return new Uri(text.EndsWith("/openai", StringComparison.Ordinal) ? text : text + "/openai");
    }

    private static List<string> KeysOf(IConfigurationSection? section, Provider provider, IConfiguration configuration)
    {
        // Trimmed, because a key read from a file ends with a line break.
        var keys = section?.GetSection("Keys").Texts().ConvertAll(text => text.Trim()) ?? [];
        // An explicit empty list overrides the environment.
        if (keys.Count == 0 && section?["Keys"] is not null) return keys;
        // A shell that is set up for a client has an AiPipe token in this variable, which the provider would reject.
        if (keys.Count == 0 && provider.KeyVariable is { } own && configuration[own] is { } token && IsJwt(token))
            throw Wrong($"{own} holds an AI Pipe token, which is for clients: unset it here, or give the provider's key.");
        if (keys.Count == 0 && provider.KeyVariable is { } variable && configuration[variable]?.Trim() is { Length: > 0 } key)
            keys.Add(key);
        if (keys.Exists(key => key.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            const string mend = "has a space or an invalid character: copy the key again";
            throw section?.GetSection("Keys") is { } written && written.GetChildren().Any()
                ? written.Wrong(mend)
                : Wrong($"{provider.KeyVariable} {mend}.");
        }
        return keys;
    }

    private static Uri? BaseUrlOf(IConfigurationSection? section)
    {
        if (section?["BaseUrl"] is not { Length: > 0 } text) return null;
        return ReadAddress(text)
            ?? throw section.GetSection("BaseUrl").Wrong("is not an http(s) address without a query: write it like https://api.example.com");
    }

    private static Uri? ReadAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0
            && url.Query.Length == 0 && url.Fragment.Length == 0 ? url : null;

    private static bool IsAtHome(IConfigurationSection? section, Provider provider) =>
        BaseUrlOf(section) is not { } address
            || (address.Authority == provider.BaseUrl.Authority && address.Scheme == provider.BaseUrl.Scheme);

    private static bool? AllowsByok(IConfigurationSection? section)
    {
        var setting = section?.GetSection("AllowsByok") is { Value: not null } current ? current : section?.GetSection(EarlierAllowsByok);
        if (setting?.Value is not { } text) return null;
        return bool.TryParse(text, out var takes) ? takes : throw setting.Wrong("must be true or false");
    }

    private static CallerGone? OnCallerGone(IConfigurationSection? section) => section?["OnCallerGone"] switch
    {
        null or "" => null,
        var text when text.Equals("finish", StringComparison.OrdinalIgnoreCase) => CallerGone.Finish,
        var text when text.Equals("cancel", StringComparison.OrdinalIgnoreCase) => CallerGone.Cancel,
        _ => throw section.GetSection("OnCallerGone").Wrong("must be finish or cancel"),
    };

    private static Dialect? DialectOf(IConfigurationSection? section) => section?["Dialect"] switch
    {
        null or "" => null,
        var name => Dialect.Find(name)
            ?? throw section.GetSection("Dialect")
                .Wrong($"is unknown: use {string.Join(" or ", Dialect.All.Select(dialect => dialect.Name))}"),
    };

    private static OptionsValidationException Wrong(string line) => new(nameof(Provider), typeof(Provider), [line]);

    private static bool IsJwt(ReadOnlySpan<char> text) => text.Count('.') == 2;
}
