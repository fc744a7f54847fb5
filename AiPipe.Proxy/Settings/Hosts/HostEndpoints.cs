using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Settings.Hosts;

/// <summary><c>/admin/hosts</c>: the hosts that <c>X-Host-Final</c> may name, and our keys for them.</summary>
internal static class HostEndpoints
{
    private const string Path = "/admin/hosts";

    public static IEndpointRouteBuilder MapHosts(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup(Path).RequireAdmin().Guarded(SettingsSetup.HostsLimit).WithTags("Administration");
        admin.MapGet("", static (ProviderCatalog providers) => TypedResults.Ok(new HostList([.. Listed(providers)])))
            .WithSummary("List the hosts that X-Host-Final may name");
        admin.MapPost("", AddAsync).WithSummary("Add a key for a host").Takes(typeof(HostKeyRequest));
        admin.MapDelete("/{host}", RemoveAsync).WithSummary("Remove a host and all of its keys");
        return routes;
    }

    private static async Task<Results<Ok<HostInfo>, RefusalResult>> AddAsync(HttpContext http, ProviderCatalog providers,
        CancellationToken cancellationToken)
    {
        var (request, wrong) = await http.Request.ReadAsync(ContractJson.Default.HostKeyRequest, cancellationToken);
        if (request is null) return new RefusalResult(wrong!);
        var (who, host) = (new ChangedBy(http.SignedIn().Email, IsPerson: true), request.Host ?? "");
        if (await http.QueryWithTimeoutAsync(
            (HostKeys hosts, CancellationToken token) => hosts.AddAsync(host, request.Key ?? "", who, token)) is { } refusal)
            return new RefusalResult(refusal);
        return TypedResults.Ok(Listed(providers).First(listed => listed.Host.Equals(host, StringComparison.OrdinalIgnoreCase)));
    }

    private static async Task<Results<NoContent, RefusalResult>> RemoveAsync(HttpContext http, string host)
    {
        var who = http.SignedIn().Email;
        return await http.QueryWithTimeoutAsync(
            (HostKeys hosts, CancellationToken token) => hosts.RemoveAsync(host, who, token)) is { } refusal
            ? new RefusalResult(refusal)
            : TypedResults.NoContent();
    }

    private static IEnumerable<HostInfo> Listed(ProviderCatalog providers) => providers.Hosts
        .Where(place => place.Provider.Credentials.Count > 0)
        .Select(place => new HostInfo(place.Host, place.Provider.Name, place.Provider.BaseUrl.OriginalString,
            [.. place.Provider.Credentials.Select(key => Secret.MaskOf(key.Key))]));
}
