using System.Text.Json;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Settings.Audit;

/// <summary><c>GET /admin/audit</c>: what administrators did, newest first.</summary>
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
        routes.MapGet("/admin/audit", ListAsync).RequireAdmin().WithTags("Administration")
            .WithSummary("List what admins did, the newest first");
        return routes;
    }

    private static async Task<Results<Ok<AuditList>, RefusalResult>> ListAsync(HttpContext http, string? limit = null,
        string? before = null, string? subject = null)
    {
        var count = 50;
        if (limit is not null && (!int.TryParse(limit, out count) || count is < 1 or > MostListed))
            return new RefusalResult(
                Refusal.InvalidRequest($"The parameter \"limit\" must be a whole number from 1 to {MostListed}.", "limit"));
        Guid? last = null;
        if (!string.IsNullOrEmpty(before))
        {
            if (!Guid.TryParse(before, out var id)) return new RefusalResult(
                Refusal.InvalidRequest("The parameter \"before\" must be the id of an entry.", "before"));
            last = id;
        }
        // No subject contains control characters, and Postgres rejects U+0000.
        if (subject?.Any(char.IsControl) == true) return TypedResults.Ok(new AuditList([], Next: null));
        var entries = await http.QueryWithTimeoutAsync(
            (AiPipeDb db, CancellationToken token) => ReadAsync(db, count + 1, last, subject, token));
        var shown = entries.Take(count).Select(ToContract).ToList();
        return TypedResults.Ok(new AuditList(shown, entries.Count > count ? shown[^1].Id : null));
    }

    /// <summary>Also matches the last part of a subject: a budget by its address.</summary>
    private static Task<List<AuditEntry>> ReadAsync(
        AiPipeDb db, int count, Guid? before, string? subject, CancellationToken cancellationToken)
    {
        var found = db.AuditEntries.AsNoTracking();
        if (before is { } id) found = found.Where(entry => entry.Id < id);
        if (!string.IsNullOrEmpty(subject)) found = found.Where(entry => entry.Subject == subject || entry.Subject.EndsWith("/" + subject));
        return found.OrderByDescending(entry => entry.Id).Take(count).ToListAsync(cancellationToken);
    }

    private static AuditInfo ToContract(AuditEntry entry) => new(
        entry.Id, entry.At, entry.Who, entry.Action, entry.Subject, Parse(entry.Before), Parse(entry.After), entry.Note);

    private static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);
}
