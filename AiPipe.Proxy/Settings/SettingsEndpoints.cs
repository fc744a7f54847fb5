using System.Text.Json;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Settings.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Settings;

internal static class SettingsEndpoints
{
    private const string Path = "/admin/settings";

    /// <summary>The document and the other fields of the request.</summary>
    private const int MaxBodyBytes = SettingDocument.MaxBytes + (4 << 10);

    public static IEndpointRouteBuilder MapSettings(this IEndpointRouteBuilder routes)
    {
        // Otherwise the compiler would choose the overload for a RequestDelegate, which discards the result.
        routes.MapGet(Path, (Delegate)ListAsync).RequireAdmin().WithTags("Settings")
            .WithSummary("List every setting that can change at run time");
        routes.MapPost(Path, ChangeAsync).RequireAdmin().LimitBody(MaxBodyBytes).WithTags("Settings")
            .WithSummary("Change a setting, or return to the configuration file's value").Takes(typeof(SettingRequest));
        return routes;
    }

    private static async Task<Ok<SettingList>> ListAsync(HttpContext http)
    {
        var list = await http.QueryWithTimeoutAsync((SettingsListing listing, CancellationToken token) => listing.ReadAsync(token));
        return TypedResults.Ok(list);
    }

    private static async Task<Results<Ok<SettingInfo>, RefusalResult>> ChangeAsync(HttpContext http, CancellationToken cancellationToken)
    {
        var (request, wrong) = await http.Request.ReadAsync(ContractJson.Default.SettingRequest, cancellationToken);
        if (request is null) return new RefusalResult(wrong!);
        if (!SettingPath.TryRead(request.Path, out var path, out var problem)) return new RefusalResult(
            Refusal.InvalidRequest(problem, "path"));
        if (request.Note is { Length: > AuditLog.MaxTextLength })
            return new RefusalResult(Refusal.InvalidRequest($"The field \"note\" may have {AuditLog.MaxTextLength} characters.", "note"));

        var (change, who) = (
            new SettingChange(
            path, request.Value.ValueKind == JsonValueKind.Undefined ? null : request.Value, request.Note, request.Version), http.SignedIn()
            .Email);
        var refusal = await http.QueryWithTimeoutAsync(
            (SettingChanges changes, CancellationToken token) => changes.ChangeAsync(change, who, token));
        if (refusal is not null) return new RefusalResult(refusal);
        var list = await http.QueryWithTimeoutAsync((SettingsListing listing, CancellationToken token) => listing.ReadAsync(token));
        // The list omits documents that neither the table nor a file has.
        var entry = list.Sections[path.Section]
            .FirstOrDefault(entry => entry.Path.SequenceEqual(path.Parts, StringComparer.OrdinalIgnoreCase))
            ?? new SettingInfo(string.Join('/', path.Parts.Skip(1)), path.Parts, Value: null, "file", 0, ChangedAt: null, ChangedBy: null);
        return TypedResults.Ok(entry);
    }
}
