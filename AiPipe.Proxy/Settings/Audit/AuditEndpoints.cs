using System.Text.Json;
using System.Text.Json.Serialization;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Settings.Audit;

/// <summary><c>GET /admin/audit</c>: what admins did, the newest first.</summary>
internal static class AuditEndpoints
{
    private const int MostListed = 200;

    public static IHostApplicationBuilder AddAudit(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<AuditLog>();
        return builder;
    }

    public static IEndpointRouteBuilder MapAudit(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/admin/audit", ListAsync).RequireAdmin();
        routes.Map("/admin/audit", static () => new RefusalResult(Refusal.MethodNotAllowed("GET /admin/audit")));
        return routes;
    }

    private static async Task<IResult> ListAsync(HttpContext http, string? limit = null, string? before = null, string? subject = null)
    {
        var count = 50;
        if (limit is not null && (!int.TryParse(limit, out count) || count is < 1 or > MostListed))
            return new RefusalResult(Refusal.InvalidRequest($"The parameter \"limit\" must be a whole number from 1 to {MostListed}."));
        Guid? last = null;
        if (!string.IsNullOrEmpty(before))
        {
            if (!Guid.TryParse(before, out var id)) return new RefusalResult(Refusal.InvalidRequest("The parameter \"before\" must be the id of an entry."));
            last = id;
        }
        // Nothing that is written has one, and Postgres would not even compare it.
        if (subject?.Any(char.IsControl) == true) return Results.Json(new AuditPage([], Next: null), AuditJson.Default.AuditPage);
        var entries = await http.AskAsync((AiPipeDb db, CancellationToken token) => ReadAsync(db, count + 1, last, subject, token));
        var shown = entries.Take(count).Select(AuditRow.Of).ToList();
        return Results.Json(new AuditPage(shown, entries.Count > count ? shown[^1].Id : null), AuditJson.Default.AuditPage);
    }

    /// <summary>A subject is found by its last part, too: a budget by its address.</summary>
    private static Task<List<AuditEntry>> ReadAsync(AiPipeDb db, int count, Guid? before, string? subject, CancellationToken cancellationToken)
    {
        var found = db.AuditEntries.AsNoTracking();
        if (before is { } id) found = found.Where(entry => entry.Id < id);
        if (!string.IsNullOrEmpty(subject)) found = found.Where(entry => entry.Subject == subject || entry.Subject.EndsWith("/" + subject));
        return found.OrderByDescending(entry => entry.Id).Take(count).ToListAsync(cancellationToken);
    }
}

/// <summary>A page of entries; <c>next</c> is the <c>before</c> of the page after it.</summary>
internal sealed record AuditPage(IReadOnlyList<AuditRow> Entries, Guid? Next);

internal sealed record AuditRow(
    Guid Id, DateTimeOffset At, string Who, string Action, string Subject, JsonElement? Before, JsonElement? After, string? Note)
{
    public static AuditRow Of(AuditEntry entry) => new(
        entry.Id, entry.At, entry.Who, entry.Action, entry.Subject, Json(entry.Before), Json(entry.After), entry.Note);

    private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(text);
}

[JsonSerializable(typeof(AuditPage))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
internal sealed partial class AuditJson : JsonSerializerContext;
