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

    private volatile HashSet<SettingPath> _overlaid = [];
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
        var readable = rows.Select(Open).OfType<OpenRow>().ToList();
        var (settings, problem) = TryRead(readable);
        if (problem is not null)
        {
            readable = Fitting(readable);
            (settings, _) = TryRead(readable);
        }
        if (settings is null) return;
        live.Replace(settings);
        _overlaid = readable.Select(row => row.Path).ToHashSet();
    }

    public bool IsOverlaid(SettingPath? path) => path is not null && _overlaid.Contains(path);

    public IReadOnlyList<OpenRow> InForce(IEnumerable<SettingRow> rows)
    {
        var readable = rows.Select(Open).OfType<OpenRow>().ToList();
        return TryRead(readable).Problem is null ? readable : Fitting(readable);
    }

    public (SettingsSnapshot? Snapshot, SettingProblem? Problem) TryRead(IEnumerable<OpenRow> rows) =>
        SettingsSnapshot.TryRead(Files.With(rows.Select(row => row.Laid)), environment);

    /// <summary>The largest set of valid rows, references first. Tries halves, because most rows are valid.</summary>
    private List<OpenRow> Fitting(List<OpenRow> rows)
    {
        var fitting = new List<OpenRow>();
        Add([.. rows.OrderBy(row => SettingPath.Sections.ToList().IndexOf(row.Path.Section)).ThenBy(row => row.Row.Version)]);
        return fitting;

        void Add(List<OpenRow> more)
        {
            if (more.Count == 0) return;
            var problem = TryRead([.. fitting, .. more]).Problem;
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

/// <summary>A readable row with decrypted secrets; no document = the file's is hidden.</summary>
internal sealed record OpenRow(SettingPath Path, SettingRow Row, SettingNode? Document)
{
    public (SettingPath Path, SettingNode? Document) Laid => (Path, Document);
}
