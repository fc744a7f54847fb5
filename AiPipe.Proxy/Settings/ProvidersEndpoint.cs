using System.Text.Json.Serialization;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Settings;

/// <summary><c>GET /admin/providers</c>: where calls go, and how our keys fare there, as far as this process has seen.</summary>
internal static class ProvidersEndpoint
{
    private const string Path = "/admin/providers";

    public static IEndpointRouteBuilder MapProviders(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, List).RequireAdmin();
        routes.Map(Path, static () => new RefusalResult(Refusal.MethodNotAllowed($"GET {Path}")));
        return routes;
    }

    private static IResult List(ProviderCatalog providers, RuntimeSettings settings, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return Results.Json(new ProviderList([.. providers.All.Select(provider => new ProviderView(
            provider.Name, provider.Alias, provider.Dialect == Dialect.Gemini ? "gemini" : "openai", provider.BaseUrl.OriginalString, provider.IsBuiltIn,
            provider.TakesOwnKeys, settings.IsOverlaid(SettingPath.OfFile(SettingPath.Providers, provider.Name)) ? "runtime" : "file",
            provider.IsBuiltIn ? [] : [.. provider.Credentials.Select(key => KeyView.Of(key, now))]))]), ProvidersJson.Default.ProviderList);
    }
}

internal sealed record ProviderList(IReadOnlyList<ProviderView> Providers);

internal sealed record ProviderView(
    string Name, string? Alias, string Dialect, string BaseUrl, bool BuiltIn, bool TakesOwnKeys, string Source, IReadOnlyList<KeyView> Keys);

/// <summary>One of our keys: <c>sk-…last4</c>, what tells it from others in rate limits, and how it fares.</summary>
internal sealed record KeyView(
    string Key, string Id, string Status, DateTimeOffset? SetAsideUntil, int? LastStatus, DateTimeOffset? LastUsedAt, DateTimeOffset? LastErrorAt)
{
    public static KeyView Of(ProviderCredential key, DateTimeOffset now)
    {
        var health = key.HealthAt(now);
        return new KeyView(SettingSecrets.Shown(key.Key), key.Id, health.AsideUntil is null ? "ok" : "set_aside",
            health.AsideUntil, health.LastStatus, health.LastUsedAt, health.LastErrorAt);
    }
}

[JsonSerializable(typeof(ProviderList))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
internal sealed partial class ProvidersJson : JsonSerializerContext;
