using System.Globalization;

namespace AiPipe.AppHost.Hosting.Postgres;

/// <summary>A PostgreSQL cluster in a folder, and the programs that create, run and stop it.</summary>
/// <param name="folder">The data directory: <c>PGDATA</c>.</param>
/// <param name="binaries">Programs of the cluster's version.</param>
/// <param name="user">The user that runs the programs; <c>null</c> for the current one.</param>
internal sealed class PostgresCluster(string folder, PostgresBinaries binaries, UnprivilegedUser? user)
{
    public const string Role = "aipipe";
    public const string Database = "aipipe";

    /// <summary>The server's settings, except its port.</summary>
    private static readonly string[] Settings =
    [
        "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300", "shared_buffers=64MB", "fsync=on",
        "log_checkpoints=off", "log_min_error_statement=panic", "timezone=UTC",
    ];

    // The orchestrator stops a process with SIGTERM, on which PostgreSQL waits until its clients disconnect. This shell script sends SIGINT
    // instead, on which PostgreSQL disconnects them. A signal may arrive before the server has started. It also interrupts `wait`, which
    // then returns more than 128.
    private const string StopFast = OpenFolder
        + "server=; stopping=; trap 'stopping=1; test -z \"$server\" || kill -INT $server' TERM INT; "
        + "\"$@\" & server=$!; test -z \"$stopping\" || kill -INT $server; "
        + "wait $server; status=$?; "
        + "while test $status -gt 128 && kill -0 $server 2>/dev/null; do wait $server; status=$?; done; exit $status";

    // The unprivileged user may lack access to a parent of the data folder, such as /root. The shell still has access, so it opens the
    // folder as descriptor 9, and the programs reach it through /proc/self/fd/9.
    private const string OpenFolder = "exec 9<\"$0\"; ";

    private readonly string[] _data = ["-D", ReachablePath(folder, user)];

    /// <summary>Reads the major version of a cluster.</summary>
    /// <returns>The version; <c>null</c> if the folder has no cluster.</returns>
    public static int? ReadMajorVersion(string folder)
    {
        var file = Path.Combine(folder, "PG_VERSION");
        if (!File.Exists(file)) return null;
        var text = File.ReadAllText(file).Trim();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : null;
    }

    /// <summary>Creates the cluster with an empty database.</summary>
    /// <exception cref="CannotStartException">One of PostgreSQL's programs failed.</exception>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        if (user is not null) await user.TakeOverAsync(folder, cancellationToken);
        // No connection is accepted until the password is set and pg_hba.conf requires it.
        string[] options = ["--username", Role, "--encoding=UTF8", "--locale=C", "--auth=reject"];
        await RunToolAsync("initdb", [.. _data, .. options], null, cancellationToken);
        await ExecuteAsync($"CREATE DATABASE {Database}", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n", cancellationToken);
    }

    /// <summary>Sets the role's password while no server runs.</summary>
    /// <exception cref="CannotStartException">PostgreSQL's single-user mode failed.</exception>
    public Task SetPasswordAsync(string password, CancellationToken cancellationToken) =>
        ExecuteAsync($"ALTER ROLE {Role} PASSWORD '{password}'", cancellationToken);

    /// <summary>Creates the command that runs the server in the foreground, without its port. Its environment has no secrets.</summary>
    public IReadOnlyList<string> CreateServerCommand()
    {
        string[] server = [binaries.PathOf("postgres"), .. _data, .. Settings.SelectMany(setting => new[] { "-c", setting })];
        if (OperatingSystem.IsWindows()) return server;
        var variables = ExternalProgram.PublicVariables.Select(name => (name, Value: Environment.GetEnvironmentVariable(name)))
            .Where(variable => variable.Value is not null).Select(variable => $"{variable.name}={variable.Value}");
        return ["/usr/bin/env", "-i", "LC_ALL=C", .. variables, "/bin/sh", "-c", StopFast, folder, .. user?.Prefix ?? [], .. server];
    }

    /// <summary>Stops the server that <c>postmaster.pid</c> names. Open transactions are rolled back.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        string[] fast = ["stop", .. _data, "--silent", "--mode=fast", "--wait", "--timeout=60"];
        var stopped = await RunAsync("pg_ctl", fast, null, cancellationToken);
        if (!stopped.Succeeded) await RunAsync("pg_ctl", ["stop", .. _data, "--silent", "--mode=immediate"], null, cancellationToken);
    }

    /// <summary>Executes a statement in single-user mode, which needs no server, network or password.</summary>
    private Task ExecuteAsync(string statement, CancellationToken cancellationToken) => RunToolAsync(
        "postgres", ["--single", .. _data, "-c", "exit_on_error=on", "-c", "log_min_error_statement=panic", "postgres"],
        statement + "\n", cancellationToken);

    private async Task RunToolAsync(string program, string[] arguments, string? input, CancellationToken cancellationToken)
    {
        var result = await RunAsync(program, arguments, input, cancellationToken);
        if (!result.Succeeded) throw new CannotStartException($"PostgreSQL's {program} failed in {folder}: {result.LastLine}");
    }

    private Task<ProgramResult> RunAsync(string program, string[] arguments, string? input, CancellationToken cancellationToken)
    {
        string[] command = [binaries.PathOf(program), .. arguments];
        if (user is not null) command = WithOpenFolder([.. user.Prefix, .. command]);
        return ExternalProgram.RunAsync(command[0], command[1..], input, cancellationToken: cancellationToken);
    }

    private string[] WithOpenFolder(string[] command) =>
        OperatingSystem.IsLinux() ? ["/bin/sh", "-c", OpenFolder + "exec \"$@\"", folder, .. command] : command;

    private static string ReachablePath(string folder, UnprivilegedUser? user) =>
        user is not null && OperatingSystem.IsLinux() ? "/proc/self/fd/9" : folder;
}
