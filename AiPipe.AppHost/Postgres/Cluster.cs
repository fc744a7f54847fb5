using System.Globalization;
using AiPipe.AppHost.Starting;

namespace AiPipe.AppHost.Postgres;

/// <summary>A database cluster in a folder, and PostgreSQL's programs run on it.</summary>
/// <param name="folder">The data directory: <c>PGDATA</c>.</param>
/// <param name="binaries">Whose version made it.</param>
/// <param name="user">Whom the programs run as; <c>null</c> for ourselves.</param>
internal sealed class Cluster(string folder, PostgresBinaries binaries, UnprivilegedUser? user)
{
    public const string Role = "aipipe";
    public const string Database = "aipipe";

    private readonly string[] _data = ["-D", NameOf(folder, user)];

    /// <summary>The first version number of a cluster.</summary>
    /// <returns><c>null</c> where there is no cluster.</returns>
    public static int? MajorOf(string folder)
    {
        var file = Path.Combine(folder, "PG_VERSION");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            ? major
            : null;
    }

    /// <summary>Makes the folder a new, empty cluster.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        if (user is not null) await user.TakeOverAsync(folder, cancellationToken);
        // Nobody may enter until the password is set and pg_hba.conf says who.
        await DoAsync("initdb", [.. _data, "--username", Role, "--encoding=UTF8", "--locale=C", "--auth=reject"], null, cancellationToken);
        await SayAsync($"CREATE DATABASE {Database}", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "pg_hba.conf"),
            "host all all 127.0.0.1/32 scram-sha-256\n", cancellationToken);
    }

    /// <summary>Sets the role's password, which needs no server and no earlier password.</summary>
    public Task SetPasswordAsync(string password, CancellationToken cancellationToken) =>
        SayAsync($"ALTER ROLE {Role} PASSWORD '{password}'", cancellationToken);

    /// <summary>How a server is set up, but for its port.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["listen_addresses"] = "127.0.0.1",
        ["unix_socket_directories"] = "",
        ["max_connections"] = "120",
        ["shared_buffers"] = "64MB",
        ["log_checkpoints"] = "off",
        ["log_min_error_statement"] = "panic",
        ["timezone"] = "UTC",
    };

    /// <summary>The server in the foreground, as whoever may run it.</summary>
    public IReadOnlyList<string> ServerCommand()
    {
        string[] command = [binaries.PathOf("postgres"), .. _data];
        return user is null ? command : OpenedByUs([.. user.Prefix, .. command]);
    }

    /// <summary>Starts the server and waits until it answers.</summary>
    public async Task<ToolResult> StartAsync(int port, string log, CancellationToken cancellationToken)
    {
        string[] settings =
        [
            string.Create(CultureInfo.InvariantCulture, $"port={port}"), "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=120",
            "shared_buffers=64MB", "fsync=on", "log_checkpoints=off", "log_min_error_statement=panic", "timezone=UTC",
        ];
        return await RunAsync("pg_ctl",
            ["start", .. _data, "--silent", "--wait", "--timeout=120", "--log", InData(log), "-o", string.Join(' ', settings.Select(s => $"-c {s}"))],
            null, cancellationToken);
    }

    /// <summary>Stops the server that <c>postmaster.pid</c> names: open transactions are rolled back, nothing committed is lost.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var stopped = await RunAsync("pg_ctl", ["stop", .. _data, "--silent", "--mode=fast", "--wait", "--timeout=60"], null, cancellationToken);
        if (!stopped.Succeeded) await RunAsync("pg_ctl", ["stop", .. _data, "--silent", "--mode=immediate"], null, cancellationToken);
    }

    /// <summary>Runs one statement in single-user mode: no server, no network, no password.</summary>
    private Task SayAsync(string statement, CancellationToken cancellationToken) =>
        DoAsync("postgres", ["--single", .. _data, "-c", "exit_on_error=on", "-c", "log_min_error_statement=panic", "postgres"], statement + "\n", cancellationToken);

    private async Task DoAsync(string program, string[] arguments, string? input, CancellationToken cancellationToken)
    {
        var done = await RunAsync(program, arguments, input, cancellationToken);
        if (!done.Succeeded) throw new CannotStartException($"PostgreSQL's {program} failed in {folder}: {done.LastWords}");
    }

    private Task<ToolResult> RunAsync(string program, string[] arguments, string? input, CancellationToken cancellationToken)
    {
        string[] command = [binaries.PathOf(program), .. arguments];
        if (user is not null) command = OpenedByUs([.. user.Prefix, .. command]);
        return Tool.RunAsync(command[0], command[1..], input, cancellationToken: cancellationToken);
    }

    // The user may not be let through the folders above (/root, a mktemp -d). So the folder is opened by us and handed down
    // as descriptor 9: its link in /proc leads into the folder itself, whatever stands above it.
    private string[] OpenedByUs(string[] command) =>
        OperatingSystem.IsLinux() ? ["/bin/sh", "-c", "exec 9<\"$0\" && exec \"$@\"", folder, .. command] : command;

    private string InData(string file) => Path.Combine(NameOf(folder, user), file);

    private static string NameOf(string folder, UnprivilegedUser? user) =>
        user is not null && OperatingSystem.IsLinux() ? "/proc/self/fd/9" : folder;
}
