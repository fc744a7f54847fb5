using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Providers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Settings;

/// <summary><c>GET /admin/providers</c>: the providers, and the state of our keys as seen by this process.</summary>
internal static class ProvidersEndpoint
{
    private const string Path = "/admin/providers";

    public static IEndpointRouteBuilder MapProviders(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, List).RequireAdmin().WithTags("Administration").WithSummary("List providers and the state of their keys");
        return routes;
    }

    private static Ok<ProviderList> List(ProviderCatalog providers, RuntimeSettings settings, TimeProvider clock)
    {
        var (now, overlaid) = (clock.GetUtcNow(), settings.OverlaidIn(SettingPath.Providers));
        return TypedResults.Ok(new ProviderList([.. providers.All.Select(provider =>
        {
            var path = SettingPath.OfFile(SettingPath.Providers, provider.Name)!;
            return new ProviderInfo(
                provider.Name, provider.Alias, provider.Dialect.Name, provider.BaseUrl.OriginalString,
                provider.IsBuiltIn, provider.AllowsByok, overlaid.Contains(path) ? "runtime" : "file",
                provider.IsBuiltIn
                    ? [] : [.. provider.Credentials.Select(key => ToContract(key, settings.Secrets.IdOf(path, key.Key), now))]);
        })]));
    }

    private static ProviderKeyInfo ToContract(ProviderCredential key, string id, DateTimeOffset now)
    {
        var health = key.HealthAt(now);
        return new ProviderKeyInfo(Secret.MaskOf(key.Key), id, health.AsideUntil is null ? "ok" : "set_aside",
            health.AsideUntil, health.LastStatus, health.LastUsedAt, health.LastErrorAt);
    }
}
