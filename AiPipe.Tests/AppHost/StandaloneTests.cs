using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AiPipe.AppHost.Postgres;

namespace AiPipe.Tests.AppHost;

public sealed class StandaloneTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
    private string Data => Path.Combine(_folder.Path, "postgres");

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task First_start_says_where_it_is_and_what_it_has_and_stops_cleanly()
    {
        await using var aipipe = StandaloneProcess.Start(_folder.Path);
        var page = await _http.GetStringAsync(await aipipe.AddressAsync(Cancellation), Cancellation);
        Assert.Contains("/openai/v1", page, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, aipipe.Output, StringComparison.Ordinal);
        Assert.Contains("/demo/v1/chat/completions", aipipe.Output, StringComparison.Ordinal);
        Assert.Equal(0, await aipipe.TerminateAsync(Cancellation));
        Assert.Null(Postmaster.Of(Data));
        Assert.DoesNotContain("Exception", aipipe.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_kill_9_the_database_left_running_is_stopped_and_a_new_one_started()
    {
        await using (var killed = StandaloneProcess.Start(_folder.Path))
        {
            await killed.AddressAsync(Cancellation);
            await killed.KillAsync();
        }
        var orphan = Postmaster.Of(Data)!;
        Assert.True(orphan.Runs(Data));
        using var process = Process.GetProcessById(orphan.Pid);

        await using var second = StandaloneProcess.Start(_folder.Path);
        await second.AddressAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.Contains($"left running (pid {orphan.Pid})", second.Output, StringComparison.Ordinal);
        Assert.NotEqual(orphan.Pid, Postmaster.Of(Data)!.Pid);
    }

    [Fact]
    public async Task Second_start_on_the_same_data_ends_with_one_line()
    {
        await using var first = StandaloneProcess.Start(_folder.Path);
        await first.AddressAsync(Cancellation);
        await using var second = StandaloneProcess.Start(_folder.Path);
        Assert.Equal(1, await second.ExitAsync(Cancellation));
        Assert.StartsWith("AiPipe cannot start: AiPipe already runs on this data folder (pid ", second.Output, StringComparison.Ordinal);
        Assert.Single(second.Output.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Taken_port_is_named_with_the_way_to_another()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var aipipe = StandaloneProcess.Start(_folder.Path, $"http://127.0.0.1:{port}");
        Assert.Equal(1, await aipipe.ExitAsync(Cancellation));
        var line = aipipe.Output.TrimEnd().Split('\n')[^1];
        Assert.StartsWith("AiPipe cannot start: ", line, StringComparison.Ordinal);
        Assert.Contains($":{port}", line, StringComparison.Ordinal);
        Assert.Contains("--urls", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", aipipe.Output, StringComparison.Ordinal);
        Assert.Null(Postmaster.Of(Data));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("changeme")]
    [InlineData("Secret")]
    public async Task Production_does_not_start_with_a_secret_that_anybody_can_guess(string? secret)
    {
        await using var aipipe = StandaloneProcess.Start(_folder.Path,
            environment: [("ASPNETCORE_ENVIRONMENT", "Production"), ("AIPIPE_SECRET", secret)]);
        Assert.Equal(1, await aipipe.ExitAsync(Cancellation));
        Assert.StartsWith("AiPipe cannot start: AIPIPE_SECRET is ", aipipe.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task Link_and_token_are_printed_once_for_each_first_admin()
    {
        Assert.Contains("export AIPIPE_TOKEN=", await StartAndStopAsync(null), StringComparison.Ordinal);
        Assert.DoesNotContain("export AIPIPE_TOKEN=", await StartAndStopAsync(null), StringComparison.Ordinal);
        // Whoever tried it first as admin@localhost and then names themselves must not be locked out.
        var named = await StartAndStopAsync("ann@example.com");
        Assert.Contains("ann@example.com. Sign in once with this link", named, StringComparison.Ordinal);
        Assert.Matches("http://[^ ]+/login\\?link=[A-Za-z0-9_-]{43}\\s", named);
        Assert.Contains("export AIPIPE_TOKEN=", named, StringComparison.Ordinal);
        Assert.Contains("ann@example.com, with the link and the token that an earlier start printed", await StartAndStopAsync("ann@example.com"), StringComparison.Ordinal);

        async Task<string> StartAndStopAsync(string? admins)
        {
            await using var aipipe = StandaloneProcess.Start(_folder.Path, environment: [("ADMIN_EMAILS", admins)]);
            await aipipe.AddressAsync(Cancellation);
            await aipipe.TerminateAsync(Cancellation);
            return aipipe.Output;
        }
    }

    [Fact]
    public async Task Wrong_address_is_named_before_anything_is_made()
    {
        await using var aipipe = StandaloneProcess.Start(_folder.Path, "http://localhost:99999");
        Assert.Equal(1, await aipipe.ExitAsync(Cancellation));
        Assert.StartsWith("AiPipe cannot start: --urls or ASPNETCORE_URLS names http://localhost:99999", aipipe.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task Providers_with_keys_are_named_and_their_keys_are_not()
    {
        await using var aipipe = StandaloneProcess.Start(_folder.Path,
            environment: [("OPENAI_API_KEY", "sk-canary-1"), ("AiPipe__Providers__openrouter__Keys__0", "sk-canary-2")]);
        await aipipe.AddressAsync(Cancellation);
        await aipipe.TerminateAsync(Cancellation);
        Assert.Contains("Providers   openai, openrouter", aipipe.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", aipipe.Output, StringComparison.Ordinal);
    }
}
