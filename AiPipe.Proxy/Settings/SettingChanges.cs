using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Settings.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Settings;

/// <summary>
/// Changes one document of the settings with its audit entry, atomically. Changes are serialized across replicas; each is validated
/// together with all others by the startup readers, and an invalid one is never stored.
/// </summary>
internal sealed class SettingChanges(AiPipeDb db, AuditLog audit, RuntimeSettings settings, StateRefresher watch)
{
    /// <summary>Far more than necessary; every replica reads the whole table.</summary>
    private const int MostRows = 20_000;

    /// <summary>Makes a change: active on this replica when this returns, and within seconds on the others.</summary>
    /// <param name="change">A change to the current state has no effect, so retries are safe.</param>
    /// <param name="who">An administrator, who must still be one afterwards, so that there always is one.</param>
    public Task<Refusal?> ChangeAsync(SettingChange change, string who, CancellationToken cancellationToken) =>
        ChangeAsync(change, new ChangedBy(who, IsPerson: true), cancellationToken);

    public async Task<Refusal?> ChangeAsync(SettingChange change, ChangedBy who, CancellationToken cancellationToken)
    {
        Refusal? refusal = null;
        await db.ChangeAsync(RuntimeSettings.Name, async token =>
        {
            var rows = await db.Settings.AsNoTracking().OrderBy(row => row.Version).ToListAsync(token);
            (var plan, refusal) = Plan(change, who, rows);
            if (plan is null) return false;
            await WriteAsync(change.Path, plan.Row, who.Name, token);
            await audit.WriteAsync(
                who.Name, plan.Row is null ? "settings.reset" : "settings.change", change.Path.ToString(), plan.Before, plan.After,
                change.Note, token);
            return true;
        }, cancellationToken);
        if (refusal is null) await watch.CatchUpAsync(cancellationToken);
        return refusal;
    }

    private (Planned? Plan, Refusal? Refusal) Plan(SettingChange change, ChangedBy who, List<SettingRow> rows)
    {
        var path = change.Path;
        var row = rows.Find(row => row.Key == path.Key);
        var (_, inForce, laid, now) = settings.Load(rows);
        SettingNode? document;
        var value = change.Value;
        var sent = (IReadOnlyList<Secret>)[];
        var current = laid.Entries.GetValueOrDefault(path);
        var stored = new StoredSecrets(path, current, KeysOf(path, now), settings.Secrets);
        try
        {
            if (change.Make is { } make)
            {
                if (make(current is null ? null : settings.Secrets.Show(path, current), stored) is not { } made) return (null, null);
                value = SettingDocument.ToElement(made);
            }
            document = value is { ValueKind: not JsonValueKind.Null } json ? SettingDocument.Read(path.Parent, path.Name, json) : null;
            if (document is not null) (document, sent) = stored.Resolve(document);
        }
        catch (FormatException e)
        {
            return (null, Refusal.InvalidRequest(e.Message, "value"));
        }
        catch (OptionsValidationException e)
        {
            return (null, Refusal.InvalidRequest(e.Message, SettingProblem.FromException(e).ParamOf(path)));
        }
        var isRow = value is not null;
        var before = inForce.FirstOrDefault(open => open.Path.Equals(path)) is { } own
            ? own.Document : current;
        var after = isRow ? document : settings.Files.Entries.GetValueOrDefault(path);
        if ((row is not null) == isRow && (row is null || inForce.Any(open => open.Row == row)) && SameJson(before, after))
            return (null, null);

        if (change.Version is { } seen && seen != (row?.Version ?? 0)) return (
            null, Refusal.ChangedMeanwhile(path.ToString(), row?.ChangedBy));
        if (isRow && row is null && rows.Count >= MostRows) return (
            null, Refusal.InvalidRequest($"There are {MostRows} settings of this kind, the most that there may be."));
        var written = isRow ? new OpenRow(path, RowOf(path, document), document) : null;
        IReadOnlyList<OpenRow> others = [.. inForce.Where(open => !open.Path.Equals(path))];
        var (snapshot, problem) = settings.Validate(written is null ? others : [.. others, written]);
        if (snapshot is null) return (null, Refusal.InvalidRequest(problem!.Message, problem.ParamOf(path)));
        if (document is not null && FindLeakedKeys(path, sent, now, snapshot) is { } astray) return (
            null, Refusal.InvalidRequest(astray, "value.BaseUrl"));
        if (who.IsPerson && LocksOut(who.Name, now, snapshot) is { } why) return (
            null, Refusal.InvalidRequest(why, "path"));
        return (new Planned(written?.Row, Shown(path, before), Shown(path, after)), null);
    }

    private static string? LocksOut(string who, SettingsSnapshot? before, SettingsSnapshot after)
    {
        if (after.Tokens.RoleOf(who) != Role.Admin) return "Afterwards you would be no admin any more. Another admin must do this.";
        return before?.Tokens.Salts.GetValueOrDefault(who) != after.Tokens.Salts.GetValueOrDefault(who)
            ? "It would end your own token. Another admin must do this."
            : null;
    }

    /// <summary>The keys that a provider has, those of the environment included.</summary>
    private static SettingNode? KeysOf(SettingPath path, SettingsSnapshot? now)
    {
        if (path.Section != SettingPath.Providers || now?.Providers.All.ByName(path.Name) is not { } provider) return null;
        var document = SettingNode.Below(path.Parent, path.Name);
        var keys = SettingNode.Below(document.Path, "Keys");
        return document.With([keys.With(provider.Credentials.Select((key, i) => SettingNode.Below(keys.Path, $"{i}", key.Key)))]);
    }

    /// <summary>
    /// Administrators cannot read keys: a change that moves a provider to another host must contain the keys, whether they are stored here
    /// or in the environment. <see cref="StoredSecrets"/> does the same for the secrets of routes.
    /// </summary>
    private string? FindLeakedKeys(SettingPath path, IReadOnlyList<Secret> sent, SettingsSnapshot? now, SettingsSnapshot after)
    {
        if (path.Section != SettingPath.Providers || after.Providers.All.ByName(path.Name) is not { } moved) return null;
        var homes = new[] { now?.Providers.All, ProviderConfiguration.Read(settings.Files) }
            .Select(providers => providers?.ByName(path.Name)).OfType<Provider>()
            .Where(provider => AuthorityOf(provider) == AuthorityOf(moved)).ToList();
        var isAstray = moved.Credentials.Any(
            key => !sent.Any(secret => secret.Text.Trim() == key.Key)
            && !homes.Exists(home => home.Credentials.Any(kept => kept.Key == key.Key)));
        if (isAstray) return $"{path.Parent}:{path.Name}:BaseUrl leads to another host than its keys were given for: give the keys anew.";
        var follower = homes.Count > 0 ? null : after.Routes.All.FirstOrDefault(route => route.Targets.Any(target =>
            moved.IsNamed(target.Provider) && target is { Endpoint: null } and ({ Headers.Count: > 0 } or { Query.Count: > 0 })));
        return follower is null ? null
            : $"{path.Parent}:{path.Name}:BaseUrl leads to another host than the headers and parameters of the route {follower.Id} were "
                + "given for: give the route an Endpoint, or take it away first.";
    }

    private static string AuthorityOf(Provider provider) => provider.BaseUrl.GetLeftPart(UriPartial.Authority);

    private async Task WriteAsync(SettingPath path, SettingRow? row, string who, CancellationToken cancellationToken)
    {
        if (row is null)
        {
            await db.Settings.Where(row => row.Key == path.Key).ExecuteDeleteAsync(cancellationToken);
            return;
        }
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into settings (key, path, value, version, changed_at, changed_by)
            values ({row.Key}, {row.Path}, {row.Value}::json,
                (select version from changes where part = {RuntimeSettings.Name}), now(), {who})
            on conflict (key) do update set path = excluded.path, value = excluded.value, version = excluded.version,
                changed_at = excluded.changed_at, changed_by = excluded.changed_by
            """, cancellationToken);
    }

    private static bool SameJson(SettingNode? a, SettingNode? b) =>
        (a is null) == (b is null) && (a is null || JsonNode.DeepEquals(SettingDocument.ToJson(a), SettingDocument.ToJson(b!)));

    private static JsonNode? Shown(SettingPath path, SettingNode? document) =>
        document is null ? null : SettingDocument.ToJson(SettingSecrets.Mask(path, document));

    /// <summary>The row to write; Postgres gives it its version and time.</summary>
    private SettingRow RowOf(SettingPath path, SettingNode? document) => new()
    {
        Key = path.Key,
        Path = [.. path.Parts],
        Value = document is null ? "null" : SettingDocument.ToJson(settings.Secrets.Seal(path, document))?.ToJsonString() ?? "null",
        Version = long.MaxValue,
        ChangedAt = default,
        ChangedBy = "",
    };

    /// <param name="Row"><c>null</c> = the file's document applies again.</param>
    private sealed record Planned(SettingRow? Row, JsonNode? Before, JsonNode? After);
}

/// <summary>A requested change.</summary>
/// <param name="Value">The document; JSON null hides the file's; <c>null</c> = the file's value applies again.</param>
/// <param name="Version">The version that the caller has seen, if given; a newer one is not overwritten.</param>
internal sealed record SettingChange(SettingPath Path, JsonElement? Value, string? Note = null, long? Version = null)
{
    /// <summary>
    /// Creates the document from the current one, which has the ids of its secrets; <c>null</c> = no change. Replaces <see cref="Value"/>.
    /// </summary>
    public Func<SettingNode?, StoredSecrets, JsonNode?>? Make { get; init; }
}

/// <summary>The author of a change.</summary>
/// <param name="IsPerson">An administrator, who must stay one; otherwise an operator's key.</param>
internal sealed record ChangedBy(string Name, bool IsPerson);
