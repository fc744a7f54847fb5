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
            left = FindProcesses(killed.Pid);

            // Meanwhile, a second start on the same folder fails with one line.
            await using (var second = AppHostProcess.Start(_folder.Path, ServerPorts.Take()))
            {
                Assert.Equal(1, await second.ExitAsync(Cancellation));
                Assert.StartsWith(
                    $"AiPipe cannot start: AiPipe already runs on the data folder {_folder.Path} (pid ",
                    second.Output, StringComparison.Ordinal);
                Assert.Single(second.Output.TrimEnd().Split('\n'));
            }

            await KillDuringTrafficAsync(killed, port, token, calls, withOrchestrator: false);
        }
        await using (var again = AppHostProcess.Start(_folder.Path, port))
        {
            await again.ReadyAsync(Cancellation);
            await Eventually.TrueAsync(() => !left.Any(IsAlive), "the first run's processes ended");
            await AssertInLedgerAsync(calls);
            left = FindProcesses(again.Pid);
            await KillDuringTrafficAsync(again, port, token, calls, withOrchestrator: true);
        }
        await using var provider = await FakeProvider.StartAsync();
        await using var third = AppHostProcess.Start(_folder.Path, port,
            ("AiPipe__Providers__openai__BaseUrl", provider.Address), ("AiPipe__Providers__openai__Keys__0", "sk-test"));
        await third.ReadyAsync(Cancellation);
        await Eventually.TrueAsync(() => !left.Any(IsAlive), "the second run's processes ended");
        await AssertInLedgerAsync(calls);

        // An orderly stop under load, with a stream that would not end by itself.
        left = FindProcesses(third.Pid);
        await using (var stream = await OpenStreamAsync(provider, port, token))
        {
            Assert.Equal(0, await DuringTrafficAsync(port, token, "openai", "gpt-4o-mini", calls, () => third.StopAsync(Cancellation)));
        }
        await Eventually.TrueAsync(() => !left.Any(IsAlive), "every process ended");
        Assert.Null(Postmaster.Read(Path.Combine(_folder.Path, "postgres")));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "processes")));
        // A replica deletes its journal when Postgres has every entry.
        Assert.Empty(Directory.GetDirectories(Path.Combine(_folder.Path, "journal")));
    }

    [Fact]
    public async Task Port_in_use_is_reported_in_one_line_with_a_remedy()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var aipipe = AppHostProcess.Start(_folder.Path, port);
        Assert.Equal(1, await aipipe.ExitAsync(Cancellation));
        Assert.Equal(
            $"AiPipe cannot start: Port {port} is in use by another program. Choose another one: --port 8788.", aipipe.Output.TrimEnd());
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "postgres")));
    }

    [Fact]
    public async Task Service_that_cannot_start_ends_the_application_with_its_reason()
    {
        await using var aipipe = AppHostProcess.Start(_folder.Path, ServerPorts.Take(), ("AIPIPE_CONFIG", "/no/such/file.json"));
        Assert.Equal(1, await aipipe.ExitAsync(Cancellation));
        const string Reason = "AiPipe cannot start: proxy: AIPIPE_CONFIG names /no/such/file.json";
        Assert.Single(aipipe.Output.Split('\n'), line => line.StartsWith(Reason, StringComparison.Ordinal));
        await Eventually.TrueAsync(() => Postmaster.Read(Path.Combine(_folder.Path, "postgres")) is null, "Postgres stopped");
    }

    [Fact]
    public async Task Server_that_ends_at_once_ends_the_application_with_the_last_line_of_its_log()
    {
        _folder.WriteProgram(
            "redis-server", "test \"$1\" = --version && echo 'Redis server v=7.4.0' && exit\necho 'Out of memory'\nexit 1");
        var path = $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        await using var aipipe = AppHostProcess.Start(_folder.Path, ServerPorts.Take(), ("PATH", path));
        Assert.Equal(1, await aipipe.ExitAsync(Cancellation));
        Assert.Contains("AiPipe cannot start: redis: Out of memory", aipipe.Output, StringComparison.Ordinal);
        // The concurrent creation of the cluster is canceled, too.
        await Eventually.TrueAsync(() => FindProcesses(aipipe.Pid).Length == 0, "every process ended");
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

    private static Task<int> KillDuringTrafficAsync(
        AppHostProcess aipipe, int port, string token, ConcurrentBag<Guid> calls, bool withOrchestrator) =>
        DuringTrafficAsync(port, token, "demo", "demo", calls, async () =>
        {
            await aipipe.KillAsync(withOrchestrator);
            return 0;
        });

    /// <summary>Ends the gateway while four callers use it.</summary>
    /// <param name="port">The proxy's port.</param>
    /// <param name="token">The callers' token.</param>
    /// <param name="provider">The provider of the calls.</param>
    /// <param name="model">The model of the calls.</param>
    /// <param name="calls">Receives the ids of the calls that succeeded.</param>
    /// <param name="end">Ends the gateway.</param>
    private static async Task<int> DuringTrafficAsync(
        int port, string token, string provider, string model, ConcurrentBag<Guid> calls, Func<Task<int>> end)
    {
        var before = calls.Count;
        using var stopped = new CancellationTokenSource();
        var traffic = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            using var http = CreateClient(port, token);
            while (!stopped.IsCancellationRequested)
            {
                try
                {
                    using var response = await http.PostAsJsonAsync($"/{provider}/v1/chat/completions",
                        new { model, max_tokens = 50, messages = new[] { new { role = "user", content = "Hello" } } }, stopped.Token);
                    if (response.StatusCode == HttpStatusCode.OK)
                        calls.Add(Guid.Parse(response.Headers.GetValues("x-aipipe-call-id").Single()));
                }
                catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
                {
                    // The test stops the traffic, or has ended the gateway.
                }
            }
        })).ToArray();
        await Eventually.TrueAsync(() => calls.Count >= before + 40, "traffic");
        var exitCode = await end();
        await stopped.CancelAsync();
        await Task.WhenAll(traffic);
        return exitCode;
    }

    private static async Task<Stream> OpenStreamAsync(FakeProvider provider, int port, string token)
    {
        var respond = provider.Answer;
        provider.Answer = async (http, seen) =>
        {
            if (!seen.Text.Contains("\"stream\":true", StringComparison.Ordinal))
            {
                await respond(http, seen);
                return;
            }
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("A long story"));
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        var http = CreateClient(port, token);
        var messages = new[] { new { role = "user", content = "Hello" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/openai/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "gpt-4o-mini", stream = true, max_tokens = 50, messages }),
        };
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStreamAsync(Cancellation);
    }

    private static HttpClient CreateClient(int port, string token)
    {
        var http = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return http;
    }

    // Services have the folder in their environment, servers in their command line. The orchestrator's own processes end a little later.
    private string[] FindProcesses(int apphost) =>
        [.. Directory.GetDirectories("/proc").Select(static folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid > 0 && pid != apphost)
            .Where(pid => Mentions(pid, "environ") || Mentions(pid, "cmdline"))
            .Where(pid => !Mentions(pid, "cmdline", "/dcp"))
            .Select(Describe).OfType<string>()];

    private bool Mentions(int pid, string file, string? text = null) =>
        AppHostProcess.Read(pid, file).Contains(text ?? _folder.Path, StringComparison.Ordinal);

    private static string? Describe(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return string.Create(CultureInfo.InvariantCulture, $"{pid} {EarlierRun.StartOf(process)}");
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException)
        {
            return null;
        }
    }

    private async Task AssertInLedgerAsync(ConcurrentBag<Guid> calls)
    {
        var lines = await File.ReadAllLinesAsync(Postmaster.PathIn(Path.Combine(_folder.Path, "postgres")), Cancellation);
        var password = await File.ReadAllTextAsync(Path.Combine(_folder.Path, "postgres.password"), Cancellation);
        await using var postgres = NpgsqlDataSource.Create(
            $"Host=127.0.0.1;Port={lines[3]};Username=aipipe;Password={password};Database=aipipe;Pooling=false");
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
