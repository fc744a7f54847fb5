using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Settings;

/// <summary>Lists the active settings and their sources, without secrets.</summary>
internal sealed class SettingsListing(AiPipeDb db, RuntimeSettings settings)
{
    public async Task<SettingList> ReadAsync(CancellationToken cancellationToken)
    {
        var rows = await db.Settings.AsNoTracking().OrderBy(row => row.Version).ToListAsync(cancellationToken);
        var (_, open, laid, _) = settings.Load(rows);
        var inForce = open.ToDictionary(row => row.Path);
        var paths = laid.Entries.Keys.Union(inForce.Keys);
        var holding = inForce.Values.Select(open => open.Row.Key).ToHashSet(StringComparer.Ordinal);
        var bySection = paths.ToLookup(
            path => path.Section, path =>
            EntryAt(path, laid, inForce.GetValueOrDefault(path)) with { InFiles = settings.Files.Entries.ContainsKey(path) });
        return new SettingList(
            SettingPath.Sections.Order(StringComparer.Ordinal)
                .ToDictionary(section => section, section =>
                (IReadOnlyList<SettingInfo>)[.. bySection[section].OrderBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase)]),
            [.. rows.Where(row => !holding.Contains(row.Key)).Select(row => new SkippedSetting(row.Path, row.ChangedAt, row.ChangedBy))]);
    }

    private SettingInfo EntryAt(SettingPath path, OverlaidConfiguration laid, OpenRow? row)
    {
        var document = row is not null ? row.Document : laid.Entries.GetValueOrDefault(path);
        var value = document is null ? null : SettingDocument.ToJson(settings.Secrets.Show(path, document));
        return new SettingInfo(
            string.Join('/', path.Parts.Skip(1)), path.Parts, value is null ? null : SettingDocument.ToElement(value), row is null
            ? "file" : "runtime",
            row?.Row.Version ?? 0, row?.Row.ChangedAt, row?.Row.ChangedBy);
    }
}
