using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Settings;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Compatibility.Apisix;

/// <summary>Routes as settings, changed with an audit entry.</summary>
internal sealed class ApisixRoutes(AiPipeDb db, RuntimeSettings settings, SettingChanges changes, TimeProvider clock)
{
    public async Task<IReadOnlyList<(string Id, SettingNode Document)>> ReadAsync(CancellationToken cancellationToken)
    {
        var rows = await db.Settings.AsNoTracking().OrderBy(row => row.Version).ToListAsync(cancellationToken);
        return [.. settings.Load(rows).Laid.Entries.Where(entry => entry.Key.Section == SettingPath.Routes)
            .OrderBy(entry => entry.Key.Name, StringComparer.Ordinal)
            .Select(entry => (entry.Key.Name, SettingSecrets.Mask(entry.Key, entry.Value)))];
    }

    public async Task<SettingNode?> FindAsync(string id, CancellationToken cancellationToken) =>
        (await ReadAsync(cancellationToken)).FirstOrDefault(route => route.Id.Equals(id, StringComparison.OrdinalIgnoreCase)).Document;

    /// <summary>Creates or replaces a route.</summary>
    /// <returns>The route and whether it is new, or the refusal.</returns>
    public async Task<(SettingNode? Document, bool IsNew, Refusal? Refusal)> PutAsync(
        string id, JsonElement json, ChangedBy who, CancellationToken cancellationToken)
    {
        var (document, problem) = ApisixReader.Read(json, id);
        if (document is null) return (null, false, Refusal.InvalidRequest(problem!));
        var isNew = false;
        var refusal = await ChangeAsync(id, (held, _) =>
        {
            isNew = held is null;
            return Stamped(document, held);
        }, who, cancellationToken);
        return refusal is null ? (await FindAsync(id, cancellationToken), isNew, null) : (null, false, refusal);
    }

    /// <summary>Merges a change into the current route, so that no concurrent change is lost.</summary>
    /// <returns>The route or the refusal; neither if there is no such route.</returns>
    public async Task<(SettingNode? Document, bool IsNew, Refusal? Refusal)> PatchAsync(
        string id, JsonObject change, ChangedBy who, CancellationToken cancellationToken)
    {
        var refusal = await ChangeAsync(
            id, (held, stored) => held is null ? null : Stamped(Patched(id, held, change, stored), held), who, cancellationToken);
        return refusal is null ? (await FindAsync(id, cancellationToken), false, null) : (null, false, refusal);
    }

    /// <summary>Deletes a route permanently: a file's route does not come back with the next start.</summary>
    public async Task<Refusal?> DeleteAsync(string id, ChangedBy who, CancellationToken cancellationToken)
    {
        if (PathOf(id) is not { } path || await FindAsync(id, cancellationToken) is null) return Refusal.NotFound(ApisixWriter.KeyOf(id));
        JsonElement? value = settings.Files.Entries.ContainsKey(path) ? JsonElement.Parse("null") : null;
        return await changes.ChangeAsync(new SettingChange(path, value), who, cancellationToken);
    }

    /// <summary>Replaces the document with one created from the current one; <c>null</c> = no change.</summary>
    private async Task<Refusal?> ChangeAsync(
        string id, Func<SettingNode?, StoredSecrets, JsonObject?> make, ChangedBy who, CancellationToken cancellationToken)
    {
        var change = new SettingChange(PathOf(id)!, Value: null) { Make = make };
        var refusal = await changes.ChangeAsync(change, who, cancellationToken);
        return refusal is { Status: StatusCodes.Status400BadRequest }
            ? refusal with { Message = ApisixAttribute.Told(refusal.Message, id), Param = null } : refusal;
    }

    private JsonObject Stamped(JsonObject document, SettingNode? before)
    {
        var now = ApisixReader.Invariant(clock.GetUtcNow().ToUnixTimeSeconds());
        (document["CreatedAt"], document["UpdatedAt"]) = (before?.GetSection("CreatedAt").Value ?? now, now);
        return document;
    }

    private static JsonObject Patched(string id, SettingNode held, JsonObject change, StoredSecrets stored)
    {
        if (!ApisixWriter.IsWhole(held)) throw new FormatException(
            "The route has more than this plugin can say, several targets or when to ask another one: change it at /admin/settings.");
        var route = (JsonObject)ApisixWriter.Entry(id, held)["value"]!;
        MergePatch.Lay(change, into: route);
        var (document, problem) = ApisixReader.Read(JsonElement.Parse(route.ToJsonString()), id, stored);
        if (document is null) throw new FormatException(problem);
        // The merged route is whole: a header that it does not have was removed, not left out.
        ((JsonObject)document["Targets"]!["0"]!).TryAdd("Header", new JsonObject());
        return document;
    }

    private static SettingPath? PathOf(string id) => SettingPath.OfFile(SettingPath.Routes, id);
}
