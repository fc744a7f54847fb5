using System.Text.Json.Nodes;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Settings.Audit;

internal sealed class AuditLog(AiPipeDb db, TimeProvider clock)
{
    /// <summary>In characters per text; longer notes are truncated.</summary>
    public const int MaxTextLength = 1000;

    /// <summary>Adds an entry, without secrets, in the current transaction. Retries do not duplicate it.</summary>
    public Task WriteAsync(
        string who, string action, string subject, JsonNode? before, JsonNode? after, string? note, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var (was, becomes, why) = (before?.ToJsonString(), after?.ToJsonString(), note is null ? null : Printable(note));
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into audit_entries (id, at, who, action, subject, before, after, note)
            values ({id}, now(), {Printable(who)}, {action}, {Printable(subject)}, {was}::json, {becomes}::json, {why})
            on conflict (id) do nothing
            """, cancellationToken);
    }

    /// <summary>Makes text storable in Postgres and printable in one line.</summary>
    private static string Printable(string text) =>
        string.Create(Math.Min(text.Length, MaxTextLength), text, static (span, all) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(all[i]) || char.IsSurrogate(all[i])
                && !IsWhole(all, i, span.Length) ? ' ' : all[i];
        });

    /// <summary>Replaces unpaired surrogates, which Postgres rejects.</summary>
    private static bool IsWhole(string text, int i, int end) => char.IsHighSurrogate(text[i])
        ? i + 1 < end && char.IsLowSurrogate(text[i + 1])
        : i > 0 && char.IsHighSurrogate(text[i - 1]);
}
