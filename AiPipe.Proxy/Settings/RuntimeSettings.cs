using System.Text.Json;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Settings;

/// <summary>Overlays the settings table on the files. An invalid row is logged and ignored, so that it blocks nothing.</summary>
internal sealed partial class RuntimeSettings(
    IServiceScopeFactory scopes, IConfiguration configuration, IHostEnvironment environment, IOptions<TokenOptions> tokens,
        LiveSettings live, ILogger<RuntimeSettings> logger)
    : ICachedState
{
    public const string Name = "settings";

    private volatile LoadedSettings? _loaded;
    private volatile LoadedSettings? _validated;
    private readonly Lazy<OverlaidConfiguration> _files = new(() => OverlaidConfiguration.FromFiles(configuration));
    private readonly HashSet<(string Key, long Version)> _told = [];

    public string StateName => Name;

    public SettingSecrets Secrets { get; } = new(tokens.Value.Secret);

    public OverlaidConfiguration Files => _files.Value;

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var rows = await scope.ServiceProvider.GetRequiredService<AiPipeDb>().Settings.AsNoTracking().OrderBy(row => row.Version)
            .ToListAsync(cancellationToken);
        var loaded = Load(rows);
        if (loaded.Snapshot is not null) live.Replace(loaded.Snapshot);
    }

    /// <summary>The names in a section that the table has a document for.</summary>
    public IReadOnlySet<SettingPath> OverlaidIn(string section) =>
        _loaded?.InForce.Select(row => row.Path).Where(path => path.Section == section).ToHashSet() ?? [];

    /// <summary>
    /// Reads the settings with these rows, without applying them. Settings that were read or validated last are not read again.
    /// </summary>
    /// <param name="rows">All rows of the table, in the order of their versions.</param>
    public LoadedSettings Load(IReadOnlyList<SettingRow> rows)
    {
        if ((_loaded?.For(rows) ?? _validated?.For(rows)) is { } known) return _loaded = known;
        var readable = rows.Select(Open).OfType<OpenRow>().ToList();
        var (loaded, problem) = TryLoad(rows, readable);
        return _loaded = problem is null ? loaded : TryLoad(rows, Fitting(readable)).Settings;
    }

    /// <summary>Reads the settings as they would be with these rows. After the change, they are applied as they were read here.</summary>
    public (SettingsSnapshot? Snapshot, SettingProblem? Problem) Validate(IReadOnlyList<OpenRow> rows)
    {
        var (settings, problem) = TryLoad([.. rows.Select(open => open.Row)], rows);
        if (problem is null) _validated = settings;
        return (settings.Snapshot, problem);
    }

    private (LoadedSettings Settings, SettingProblem? Problem) TryLoad(IReadOnlyList<SettingRow> rows, IReadOnlyList<OpenRow> inForce)
    {
        var laid = Files.With(inForce.Select(row => row.Laid));
        var (snapshot, problem) = SettingsSnapshot.TryRead(laid, environment);
        return (new LoadedSettings(rows, inForce, laid, snapshot), problem);
    }

    /// <summary>The largest set of valid rows, references first. Tries halves, because most rows are valid.</summary>
    private List<OpenRow> Fitting(List<OpenRow> rows)
    {
        var fitting = new List<OpenRow>();
        Add([.. rows.OrderBy(row => SettingPath.Sections.ToList().IndexOf(row.Path.Section)).ThenBy(row => row.Row.Version)]);
        return fitting;

        void Add(List<OpenRow> more)
        {
            if (more.Count == 0) return;
            var problem = TryLoad([], [.. fitting, .. more]).Problem;
            if (problem is null)
            {
                fitting.AddRange(more);
                return;
            }
            if (more.Count == 1)
            {
                Tell(more[0].Row, problem.Message);
                return;
            }
            Add(more[..(more.Count / 2)]);
            Add(more[(more.Count / 2)..]);
        }
    }

    private OpenRow? Open(SettingRow row)
    {
        if (!SettingPath.TryRead(row.Path, out var path, out var problem))
        {
            Tell(row, problem);
            return null;
        }
        try
        {
            var value = JsonElement.Parse(row.Value);
            return new OpenRow(path, row, value.ValueKind == JsonValueKind.Null
                ? null : Secrets.Open(path, SettingDocument.Read(path.Parent, path.Name, value)));
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            Tell(row, e.Message);
            return null;
        }
    }

    private void Tell(SettingRow row, string problem)
    {
        lock (_told)
        {
            if (!_told.Add((row.Key, row.Version))) return;
        }
        Log.PassedOver(logger, string.Join('/', row.Path), problem);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message =
            "Ignoring an invalid setting of the table; the file's value is active: {Path}. {Problem}")]
        public static partial void PassedOver(ILogger logger, string path, string problem);
    }
}
