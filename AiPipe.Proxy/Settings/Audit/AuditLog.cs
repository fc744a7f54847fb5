using System.Text.Json.Nodes;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Settings.Audit;

/// <summary>Writes down who did what. An entry takes part in the transaction that the same <see cref="AiPipeDb"/> is in: both or neither.</summary>
internal sealed class AuditLog(AiPipeDb db, TimeProvider clock)
{
    /// <summary>In characters, of each text; more of a note is cut off.</summary>
    public const int MaxTextLength = 1000;

    /// <summary>Adds an entry. Where the connection is lost and it is sent again, there is still one.</summary>
    /// <param name="who">Whose token it is done with.</param>
    /// <param name="action">What is done: <c>noun.verb</c>.</param>
    /// <param name="subject">To whom or what.</param>
    /// <param name="before">What was, without secrets; <c>null</c> = nothing.</param>
    /// <param name="after">What is from now on, without secrets; <c>null</c> = nothing.</param>
    /// <param name="note">Why.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
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

    /// <summary>As Postgres can keep it, and a page can show it in a line.</summary>
    private static string Printable(string text) =>
        string.Create(Math.Min(text.Length, MaxTextLength), text, static (span, all) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(all[i]) || char.IsSurrogate(all[i]) && !IsWhole(all, i, span.Length) ? ' ' : all[i];
        });

    /// <summary>Half a letter is none, and Postgres takes none.</summary>
    private static bool IsWhole(string text, int i, int end) => char.IsHighSurrogate(text[i])
        ? i + 1 < end && char.IsLowSurrogate(text[i + 1])
        : i > 0 && char.IsHighSurrogate(text[i - 1]);
}
