using AiPipe.Proxy.Accounts.Keys;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;

namespace AiPipe.Proxy.Settings.Hosts;

/// <summary><c>/admin/hosts</c>: the hosts that <c>X-Host-Final</c> may name, and our keys there.</summary>
internal static class HostEndpoints
{
    private const string Path = "/admin/hosts";

    public static IEndpointRouteBuilder MapHosts(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup(Path).RequireAdmin().Guarded(KeysSetup.Limit);
        admin.MapGet("", static (ProviderCatalog providers) => Results.Json(new HostList([.. Listed(providers)]), ContractJson.Indented.HostList));
        admin.MapPost("", AddAsync);
        admin.MapDelete("/{host}", RemoveAsync);
        routes.Map(Path, static () => new RefusalResult(Refusal.MethodNotAllowed($"GET or POST {Path}")));
        routes.Map(Path + "/{host}", static () => new RefusalResult(Refusal.MethodNotAllowed($"DELETE {Path}/HOST")));
        return routes;
    }

    private static async Task<IResult> AddAsync(HttpContext http, ProviderCatalog providers, CancellationToken cancellationToken)
    {
        var (request, wrong) = await http.Request.ReadAsync(ContractJson.Default.HostKeyRequest, cancellationToken);
        if (request is null) return new RefusalResult(wrong!);
        var (who, host) = (new ChangedBy(http.SignedIn().Email, IsPerson: true), request.Host ?? "");
        if (await http.AskAsync((HostKeys hosts, CancellationToken token) => hosts.AddAsync(host, request.Key ?? "", who, token)) is { } refusal)
            return new RefusalResult(refusal);
        return Results.Json(Listed(providers).First(listed => listed.Host.Equals(host, StringComparison.OrdinalIgnoreCase)), ContractJson.Indented.HostInfo);
    }

    private static async Task<IResult> RemoveAsync(HttpContext http, string host)
    {
        var who = http.SignedIn().Email;
        return await http.AskAsync((HostKeys hosts, CancellationToken token) => hosts.RemoveAsync(host, who, token)) is { } refusal
            ? new RefusalResult(refusal)
            : Results.NoContent();
    }

    private static IEnumerable<HostInfo> Listed(ProviderCatalog providers) => providers.Hosts
        .Where(place => place.Provider.Credentials.Count > 0)
        .Select(place => new HostInfo(place.Host, place.Provider.Name, place.Provider.BaseUrl.OriginalString,
            [.. place.Provider.Credentials.Select(key => SettingSecrets.Shown(key.Key))]));
}
