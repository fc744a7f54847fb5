using System.Diagnostics;
using System.Globalization;
using AiPipe.AppHost;
using AiPipe.AppHost.Postgres;
using AiPipe.AppHost.Starting;
using Npgsql;

namespace AiPipe.Tests.AppHost;

public sealed class EmbeddedPostgresTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
    private string Data => Path.Combine(_folder.Path, "postgres");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Data_survives_a_restart()
    {
        await using (var first = await StartAsync())
        {
            await RunAsync(first, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)");
        }
        await using var second = await StartAsync();
        Assert.Equal(42, await RunAsync(second, "SELECT n FROM kept"));
        Assert.Single(_said); // the creation, and nothing to say at the second start
    }

    [Fact]
    public async Task It_holds_UTF8_listens_on_loopback_only_and_wants_the_password()
    {
        await using var postgres = await StartAsync();
        Assert.Equal("UTF8", await RunAsync(postgres, "SHOW server_encoding"));
        Assert.Equal("127.0.0.1", await RunAsync(postgres, "SHOW listen_addresses"));
        Assert.Equal("on", await RunAsync(postgres, "SHOW fsync"));
        Assert.Equal("scram-sha-256", await RunAsync(postgres, "SELECT string_agg(auth_method, ',') FROM pg_hba_file_rules"));
        var wrong = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Password = "wrong", Pooling = false }.ConnectionString;
        await using var stranger = new NpgsqlConnection(wrong);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => stranger.OpenAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Fact]
    public async Task Secrets_are_readable_by_their_owner_only_and_not_in_the_servers_environment()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("File modes and /proc are of Linux.");
            return;
        }
        Environment.SetEnvironmentVariable("AIPIPE_TEST_CANARY", "canary");
        await using var postgres = await StartAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder.Path, "postgres.password")));
        var environment = await File.ReadAllTextAsync($"/proc/{Postmaster.Of(Data)!.Pid}/environ", Cancellation);
        Assert.Contains("LC_ALL=C", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", environment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Second_start_on_the_same_data_is_refused_in_one_line()
    {
        await using var first = await StartAsync();
        var refused = await Assert.ThrowsAsync<CannotStartException>(StartAsync);
        Assert.StartsWith($"AiPipe already runs on this data folder (pid {Environment.ProcessId}, since ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Equal(1, await RunAsync(first, "SELECT 1"));
    }

    [Fact]
    public async Task Killed_server_comes_back_on_the_same_port_with_its_committed_data()
    {
        await using var postgres = await StartAsync();
        await RunAsync(postgres, "CREATE TABLE kept AS SELECT 7 AS n");
        var killed = Postmaster.Of(Data)!.Pid;
        using (var server = Process.GetProcessById(killed))
        {
            server.Kill();
            await server.WaitForExitAsync(Cancellation);
        }
        object? kept = null;
        while (kept is null)
        {
            try
            {
                kept = await RunAsync(postgres, "SELECT n FROM kept");
            }
            catch (NpgsqlException)
            {
                await Task.Delay(100, Cancellation);
            }
        }
        Assert.Equal(7, kept);
        Assert.NotEqual(killed, Postmaster.Of(Data)!.Pid);
        Assert.Contains("The database ended by itself; starting it again …", _said);
    }

    [Fact]
    public async Task Stale_pid_file_is_taken_away_by_the_next_start()
    {
        string[] left;
        await using (await StartAsync()) left = await File.ReadAllLinesAsync(Postmaster.FileOf(Data), Cancellation);
        await File.WriteAllLinesAsync(Postmaster.FileOf(Data), left, Cancellation);
        await using var second = await StartAsync();
        Assert.Equal(1, await RunAsync(second, "SELECT 1"));
    }

    [Fact]
    public async Task Pid_file_that_names_somebody_elses_process_is_no_server_of_ours()
    {
        await (await StartAsync()).DisposeAsync();
        await File.WriteAllLinesAsync(Postmaster.FileOf(Data),
            [Environment.ProcessId.ToString(CultureInfo.InvariantCulture), Data, "1700000000", "5432", "", "127.0.0.1", "", "ready"], Cancellation);
        await using var second = await StartAsync();
        Assert.Equal(1, await RunAsync(second, "SELECT 1"));
    }

    [Fact]
    public async Task Creation_that_was_interrupted_starts_over()
    {
        Directory.CreateDirectory(Data + ".new");
        await File.WriteAllTextAsync(Path.Combine(Data + ".new", "PG_VERSION"), "15", Cancellation);
        await using var postgres = await StartAsync();
        Assert.Equal(1, await RunAsync(postgres, "SELECT 1"));
    }

    [Fact]
    public async Task Cluster_of_another_version_is_named_and_left_alone()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "PG_VERSION"), "9\n", Cancellation);
        var refused = await Assert.ThrowsAsync<CannotStartException>(StartAsync);
        Assert.StartsWith("The data was made by PostgreSQL 9; found here: ", refused.Message, StringComparison.Ordinal);
        Assert.Equal("9\n", await File.ReadAllTextAsync(Path.Combine(Data, "PG_VERSION"), Cancellation));
    }

    [Fact]
    public async Task Server_that_does_not_start_shows_the_end_of_its_log()
    {
        await (await StartAsync()).DisposeAsync();
        await File.AppendAllTextAsync(Path.Combine(Data, "postgresql.conf"), "no_such_setting = 1\n", Cancellation);
        var refused = await Assert.ThrowsAsync<CannotStartException>(StartAsync);
        Assert.Contains("no_such_setting", refused.Message, StringComparison.Ordinal);
    }

    private Task<EmbeddedPostgres> StartAsync() => EmbeddedPostgres.StartAsync(_folder.Path, _said.Add, Cancellation);

    private static async Task<object?> RunAsync(EmbeddedPostgres postgres, string sql)
    {
        await using var connection = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
