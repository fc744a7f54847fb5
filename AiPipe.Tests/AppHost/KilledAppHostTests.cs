using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using AiPipe.AppHost.Hosting;
using AiPipe.AppHost.Hosting.Postgres;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Npgsql;

namespace AiPipe.Tests.AppHost;

/// <summary>The AppHost as a process: its output, failed starts, and restarts after <c>kill -9</c>.</summary>
public sealed partial class KilledAppHostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Restart_after_a_kill_during_traffic_loses_no_call_and_ends_the_processes_that_still_run()
    {
        var port = ServerPorts.Take();
        var calls = new ConcurrentBag<Guid>();
        string[] left;
        string token;
        await using (var killed = AppHostProcess.Start(_folder.Path, port))
        {
            await killed.ReadyAsync(Cancellation);
            Assert.Contains(_folder.Path, killed.Output, StringComparison.Ordinal);
            Assert.Matches("http://localhost:[0-9]+/login\\?link=[A-Za-z0-9_-]{43}", killed.Output);
            token = Token().Match(killed.Output).Groups["token"].Value;
            Assert.NotEmpty(token);
            left = await File.ReadAllLinesAsync(Path.Combine(_folder.Path, "processes"), Cancellation);

            // Meanwhile, a second start on the same folder fails with one line.
            await using (var second = AppHostProcess.Start(_folder.Path, ServerPorts.Take()))
            {
                Assert.Equal(1, await second.ExitAsync(Cancellation));
                Assert.StartsWith($"AiPipe cannot start: AiPipe already runs on the data folder {_folder.Path} (pid ", second.Output, StringComparison.Ordinal);
                Assert.Single(second.Output.TrimEnd().Split('\n'));
            }

            await KillDuringTrafficAsync(killed, port, token, calls, withOrchestrator: false);
        }
        await using (var again = AppHostProcess.Start(_folder.Path, port))
        {
            await again.ReadyAsync(Cancellation);
            await Eventually.TrueAsync(() => !left.Any(IsAlive), "the first run's processes ended");
            await AssertInLedgerAsync(calls);
            left = await File.ReadAllLinesAsync(Path.Combine(_folder.Path, "processes"), Cancellation);
            await KillDuringTrafficAsync(again, port, token, calls, withOrchestrator: true);
        }
        await using var third = AppHostProcess.Start(_folder.Path, port);
        await third.ReadyAsync(Cancellation);
        await Eventually.TrueAsync(() => !left.Any(IsAlive), "the second run's processes ended");
        await AssertInLedgerAsync(calls);

        Assert.Equal(0, await third.StopAsync(Cancellation));
        Assert.Null(Postmaster.Read(Path.Combine(_folder.Path, "postgres")));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "processes")));
    }

    [Fact]
    public async Task Port_in_use_is_reported_in_one_line_with_a_remedy()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var aipipe = AppHostProcess.Start(_folder.Path, port);
        Assert.Equal(1, await aipipe.ExitAsync(Cancellation));
        Assert.Equal($"AiPipe cannot start: Port {port} is in use by another program. Choose another one: --port 8788.", aipipe.Output.TrimEnd());
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "postgres")));
    }

    [Fact]
    public async Task Reason_why_a_service_cannot_start_is_printed_and_the_start_can_be_stopped()
    {
        await using var aipipe = AppHostProcess.Start(_folder.Path, ServerPorts.Take(), ("AIPIPE_CONFIG", "/no/such/file.json"));
        await Eventually.TrueAsync(() => aipipe.Output.Contains("AiPipe cannot start: AIPIPE_CONFIG names /no/such/file.json", StringComparison.Ordinal), "the reason");
        await aipipe.StopAsync(Cancellation);
        await Eventually.TrueAsync(() => Postmaster.Read(Path.Combine(_folder.Path, "postgres")) is not { } server
            || !server.Runs(Path.Combine(_folder.Path, "postgres")), "Postgres stopped");
    }

    [Fact]
    public async Task Folder_with_other_files_stops_the_start()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "postgres"));
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "postgres", "thesis.txt"), "mine", Cancellation);
        await using var aipipe = AppHostProcess.Start(_folder.Path, ServerPorts.Take());
        Assert.Equal(1, await aipipe.ExitAsync(Cancellation));
        Assert.Contains("AiPipe cannot start: ", aipipe.Output, StringComparison.Ordinal);
        Assert.Contains("is not empty and not a PostgreSQL cluster", aipipe.Output, StringComparison.Ordinal);
    }

    private static async Task KillDuringTrafficAsync(AppHostProcess aipipe, int port, string token, ConcurrentBag<Guid> calls, bool withOrchestrator)
    {
        var before = calls.Count;
        using var stopped = new CancellationTokenSource();
        var traffic = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}") };
            http.DefaultRequestHeaders.Authorization = new("Bearer", token);
            while (!stopped.IsCancellationRequested)
            {
                try
                {
                    using var response = await http.PostAsJsonAsync("/demo/v1/chat/completions",
                        new { model = "demo", messages = new[] { new { role = "user", content = "Hello" } } }, stopped.Token);
                    if (response.StatusCode == HttpStatusCode.OK) calls.Add(Guid.Parse(response.Headers.GetValues("x-aipipe-call-id").Single()));
                }
                catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
                {
                    // The test stops the traffic or has killed the gateway.
                }
            }
        })).ToArray();
        await Eventually.TrueAsync(() => calls.Count >= before + 40, "traffic");
        await aipipe.KillAsync(withOrchestrator);
        await stopped.CancelAsync();
        await Task.WhenAll(traffic);
    }

    private async Task AssertInLedgerAsync(ConcurrentBag<Guid> calls)
    {
        var lines = await File.ReadAllLinesAsync(Postmaster.PathIn(Path.Combine(_folder.Path, "postgres")), Cancellation);
        var password = await File.ReadAllTextAsync(Path.Combine(_folder.Path, "postgres.password"), Cancellation);
        await using var postgres = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={lines[3]};Username=aipipe;Password={password};Database=aipipe;Pooling=false");
        await Eventually.TrueAsync(async () =>
        {
            await using var command = postgres.CreateCommand("select count(*) from ledger_entries where id = any($1)");
            command.Parameters.AddWithValue(calls.ToArray());
            return (long)(await command.ExecuteScalarAsync(Cancellation))! == calls.Count;
        }, "every call in the ledger");
    }

    // False for another process with the same pid, and for a zombie.
    private static bool IsAlive(string line)
    {
        var (pid, started) = (line.Split(' ')[0], line.Split(' ')[1]);
        try
        {
            var state = File.ReadAllText($"/proc/{pid}/stat");
            if (state[state.LastIndexOf(')') + 2] is 'Z' or 'X') return false;
            using var process = Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
            return EarlierRun.StartOf(process) == started;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException)
        {
            return false;
        }
    }

    [GeneratedRegex("AIPIPE_TOKEN=(?<token>\\S+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Token();
}
