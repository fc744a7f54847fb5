using System.Diagnostics;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace AiPipe.Tests.Fixtures;

/// <summary>One PostgreSQL server for the whole run.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private readonly PostgresServer _server = new(connectSeconds: 60);

    /// <summary>By class: the test that was the last to ask for databases, and those that it has.</summary>
    private readonly Dictionary<string, (string? Test, List<string> Databases)> _used = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public ValueTask InitializeAsync() => _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>The connection string of a new database with all tables, for the test that is running.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var database = await _server.NewDatabaseAsync();
        foreach (var ended in Replace(database)) await _server.DropDatabaseAsync(ended);
        return database;
    }

    /// <summary>The connection string of a new database with all tables. Its owner drops it.</summary>
    public Task<string> NewOwnedDatabaseAsync() => _server.NewDatabaseAsync();

    /// <summary>Deletes a database. Its connections are closed.</summary>
    public Task DropDatabaseAsync(string database) => _server.DropDatabaseAsync(database);

    /// <summary>Notes a database of the running test. Tests of a class run one after another: those before it have ended.</summary>
    /// <returns>The databases that no test uses any more.</returns>
    private List<string> Replace(string database)
    {
        var (type, test) = (TestContext.Current.TestClass?.UniqueID ?? "", TestContext.Current.Test?.UniqueID);
        lock (_gate)
        {
            if (_used.TryGetValue(type, out var used) && (test is null || used.Test == test))
            {
                used.Databases.Add(database);
                return [];
            }
            _used[type] = (test, [database]);
            return used.Databases ?? [];
        }
    }

    /// <summary>The connection string of a new database without tables, for tests of the migrations.</summary>
    public Task<string> NewEmptyDatabaseAsync() => _server.NewDatabaseAsync("template1");
}

/// <summary>
/// A Postgres of its own in a temporary folder, which tests may stop and start. Its files are a copy of a cluster that is made once in a
/// run, and its databases are copies of one there that has been migrated.
/// </summary>
/// <param name="connectSeconds">How long its clients wait for a connection: not for long where a test takes it away.</param>
internal sealed class PostgresServer(int connectSeconds = 5) : IAsyncDisposable
{
    // Its data survives a crash of the server, which some tests bring about, but not of the machine.
    private const string FastOptions = "-c fsync=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 "
        + "-c max_wal_size=64MB -c min_wal_size=32MB -c shared_buffers=64MB -c autovacuum=off";

    /// <summary>The database with all tables.</summary>
    private const string Migrated = "migrated";

    private static readonly Lazy<Task<string>> Original = new(CreateOriginalAsync);

    private readonly string _bin = Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin";
    private readonly string _folder = Scratch.NewFolder("postgres");
    private readonly int _port = ServerPorts.Take();
    private string[] _paused = [];

    private string Data => Path.Combine(_folder, "data");

    public async ValueTask StartAsync()
    {
        if (!Directory.Exists(Data))
        {
            await OwnFolderAsync();
            await RunAsync("cp", ["-a", await Original.Value, Data]);
        }
        await StartServerAsync();
    }

    public ValueTask StopAsync() => StopAsync("immediate");

    /// <summary>A stopped cluster with one database that has all tables.</summary>
    private static async Task<string> CreateOriginalAsync()
    {
        var server = new PostgresServer(connectSeconds: 60);
        await server.OwnFolderAsync();
        await server.RunAsPostgresAsync("initdb", ["-D", server.Data, "-U", "postgres", "-A", "trust", "--no-sync"]);
        await server.StartServerAsync();
        await server.ExecuteAsync($"create database {Migrated}");
        var options = new DbContextOptionsBuilder<AiPipeDb>().UseNpgsql(server.ConnectionString(Migrated) + ";Pooling=false").Options;
        await using (var db = new AiPipeDb(options)) await db.Database.MigrateAsync();
        await server.StopAsync("fast");
        return server.Data;
    }

    // Postgres does not run as root; its files belong to the user it runs as.
    private Task OwnFolderAsync() => Environment.IsPrivilegedProcess ? RunAsync("chown", ["postgres", _folder]) : Task.CompletedTask;

    private async ValueTask StopAsync(string mode) =>
        await RunAsPostgresAsync("pg_ctl", ["stop", "-w", "-t", "300", "-m", mode, "-D", Data]);

    private async Task StartServerAsync()
    {
        var options = $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 {FastOptions}";
        await RunAsPostgresAsync("pg_ctl", ["start", "-w", "-t", "300", "-D", Data, "-l", Path.Combine(_folder, "log"), "-o", options]);
    }

    /// <summary>Stops it where it stands, connections and all, as a machine does that has no time for it.</summary>
    public async Task PauseAsync()
    {
        // First the postmaster: what it forks while it is being stopped would go on, and answer.
        var server = File.ReadLines(Path.Combine(Data, "postmaster.pid")).First();
        _paused = [server];
        await RunAsync("kill", ["-STOP", server]);
        await Eventually.TrueAsync(
            () => File.ReadAllText($"/proc/{server}/stat").Split(") ")[^1].StartsWith('T'), "Postgres standing still");
        var children = File.ReadAllText($"/proc/{server}/task/{server}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // The postmaster wakes last: it would clear away who has ended meanwhile, whom kill could not wake then.
        _paused = [.. children, server];
        await RunAsync("kill", ["-STOP", .. children]);
    }

    public Task ResumeAsync()
    {
        var paused = _paused;
        _paused = [];
        return RunAsync("kill", ["-CONT", .. paused]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_paused.Length > 0) await ResumeAsync();
        if (File.Exists(Path.Combine(Data, "postmaster.pid"))) await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The connection string of a new copy of a database.</summary>
    /// <param name="template">The database to copy. It must have no open connections.</param>
    public async Task<string> NewDatabaseAsync(string template = Migrated)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await ExecuteAsync($"create database {name} template {template} strategy file_copy");
        return ConnectionString(name);
    }

    /// <summary>Deletes a database by its connection string. Its connections are closed.</summary>
    public Task DropDatabaseAsync(string database) =>
        ExecuteAsync($"drop database if exists {new NpgsqlConnectionStringBuilder(database).Database} with (force)");

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database};Timeout={connectSeconds};Command Timeout=300;Maximum Pool "
            + "Size=20";

    private Task RunAsPostgresAsync(string tool, string[] arguments) => Environment.IsPrivilegedProcess
        ? RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", Path.Combine(_bin, tool), .. arguments])
        : RunAsync(Path.Combine(_bin, tool), arguments);

    private static async Task RunAsync(string program, string[] arguments)
    {
        // Its output is not redirected: the server that pg_ctl leaves behind would hold the pipe open for ever.
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", program, .. arguments])
        { WorkingDirectory = "/" };
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException(
            $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }
}
