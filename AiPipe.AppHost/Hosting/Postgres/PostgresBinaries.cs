using System.Globalization;
using System.Text.RegularExpressions;

namespace AiPipe.AppHost.Hosting.Postgres;

/// <summary>A folder with PostgreSQL's programs, and their version.</summary>
/// <param name="Folder">The folder of <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c>.</param>
/// <param name="Major">The major version, such as 18. A cluster needs programs of its own major version.</param>
internal sealed partial record PostgresBinaries(string Folder, int Major)
{
    private const int Oldest = 13;

    private static readonly string[] Programs = ["initdb", "pg_ctl", "postgres"];

    private static readonly string[] Patterns = OperatingSystem.IsWindows()
        ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL", "*", "bin")]
        :
        [
            "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin",
            "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
            "/Applications/Postgres.app/Contents/Versions/*/bin",
        ];

    /// <summary>Finds installed programs, or installs npm's package.</summary>
    /// <param name="wanted">The version of the existing cluster; <c>null</c> for the newest.</param>
    /// <param name="report">Receives a line before a download.</param>
    /// <exception cref="CannotStartException">The programs, or those of the cluster's version, are not installed and cannot be.</exception>
    public static async Task<PostgresBinaries> FindAsync(int? wanted, Action<string> report, CancellationToken cancellationToken)
    {
        var found = new List<PostgresBinaries>();
        foreach (var folder in Folders())
        {
            if (await InAsync(folder, cancellationToken) is { } binaries) found.Add(binaries);
        }
        var best = found.Where(b => wanted is null ? b.Major >= Oldest : b.Major == wanted).MaxBy(b => b.Major);
        if (best is not null) return best;
        if (wanted is null or NpmPostgres.Major
            && await NpmPostgres.InstallAsync(NpmPostgres.Cache, report, cancellationToken) is { } package)
            return package;
        throw new CannotStartException(wanted is null
            ? "PostgreSQL is not installed. Install it, install Node.js with npm (from which AiPipe then downloads PostgreSQL), "
                + "or set ConnectionStrings__aipipe to an existing database."
            : $"The database cluster needs PostgreSQL {wanted}. Installed versions: {Name(found)}. Install PostgreSQL {wanted}, "
                + $"or set AIPIPE_DATA to another folder. Searched: PATH and {string.Join(", ", Patterns)}.");
    }

    /// <summary>The full path of one of the programs.</summary>
    public string PathOf(string program) => Path.Combine(Folder, OperatingSystem.IsWindows() ? program + ".exe" : program);

    /// <summary>The programs of a folder; <c>null</c> unless all of them exist and run.</summary>
    public static async Task<PostgresBinaries?> InAsync(string folder, CancellationToken cancellationToken)
    {
        var binaries = new PostgresBinaries(folder, 0);
        if (!Programs.All(program => File.Exists(binaries.PathOf(program)))) return null;
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

    [GeneratedRegex(
        @"\(PostgreSQL\) (?<major>[0-9]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MajorVersion();
}
