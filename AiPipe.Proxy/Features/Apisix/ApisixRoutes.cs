using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Proxy.Data;
using AiPipe.Proxy.Features.Settings;
using AiPipe.Proxy.Journey;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Features.Apisix;

/// <summary>Routes as settings: read and changed as any other of them, with an audit entry.</summary>
internal sealed class ApisixRoutes(AiPipeDb db, RuntimeSettings settings, SettingChanges changes, TimeProvider clock)
{
    /// <summary>All routes that hold, whether a file or somebody at runtime made them, without their secrets.</summary>
    public async Task<IReadOnlyList<(string Id, SettingNode Document)>> ReadAsync(CancellationToken cancellationToken)
    {
        var rows = await db.Settings.AsNoTracking().OrderBy(row => row.Version).ToListAsync(cancellationToken);
        var laid = settings.Files.With(settings.InForce(rows).Select(open => open.Laid));
        return [.. laid.Entries.Where(entry => entry.Key.Section == SettingPath.Routes).OrderBy(entry => entry.Key.Name, StringComparer.Ordinal)
            .Select(entry => (entry.Key.Name, SettingSecrets.Mask(entry.Key, entry.Value)))];
    }

    /// <summary>One route; <c>null</c> when there is none.</summary>
    public async Task<SettingNode?> FindAsync(string id, CancellationToken cancellationToken) =>
        (await ReadAsync(cancellationToken)).FirstOrDefault(route => route.Id.Equals(id, StringComparison.OrdinalIgnoreCase)).Document;

    /// <summary>Makes a route, or puts it in place of the one that there is.</summary>
    /// <returns>The route, and whether there was none; or why it cannot be.</returns>
    public async Task<(SettingNode? Document, bool IsNew, Refusal? Refusal)> PutAsync(string id, JsonElement json, ChangedBy who, CancellationToken cancellationToken)
    {
        var (document, problem) = ApisixReader.Read(json, id);
        if (document is null) return (null, false, Refusal.InvalidRequest(problem!));
        var before = await FindAsync(id, cancellationToken);
        var now = ApisixReader.Invariant(clock.GetUtcNow().ToUnixTimeSeconds());
        document["CreatedAt"] = before?.GetSection("CreatedAt").Value ?? now;
        document["UpdatedAt"] = now;
        var refusal = await ChangeAsync(id, document, who, cancellationToken);
        return refusal is null ? (await FindAsync(id, cancellationToken), before is null, null) : (null, false, refusal);
    }

    /// <summary>Takes a route away, for good: one of a file's does not come back with the next start.</summary>
    public async Task<Refusal?> DeleteAsync(string id, ChangedBy who, CancellationToken cancellationToken)
    {
        if (PathOf(id) is not { } path || await FindAsync(id, cancellationToken) is null) return Refusal.NotFound(ApisixWriter.KeyOf(id));
        JsonElement? value = settings.Files.Entries.ContainsKey(path) ? JsonElement.Parse("null") : null;
        return await changes.ChangeAsync(new SettingChange(path, value), who, cancellationToken);
    }

    private async Task<Refusal?> ChangeAsync(string id, JsonObject document, ChangedBy who, CancellationToken cancellationToken)
    {
        var refusal = await changes.ChangeAsync(new SettingChange(PathOf(id)!, JsonElement.Parse(document.ToJsonString())), who, cancellationToken);
        return refusal is { Status: StatusCodes.Status400BadRequest } ? refusal with { Message = ApisixAttribute.Told(refusal.Message, id) } : refusal;
    }

    private static SettingPath? PathOf(string id) => SettingPath.OfFile(SettingPath.Routes, id);
}
