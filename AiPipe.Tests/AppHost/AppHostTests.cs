using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using AiPipe.AppHost.Hosting.Postgres;
using AiPipe.Tests.Support;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Npgsql;
using StackExchange.Redis;

namespace AiPipe.Tests.AppHost;

/// <summary>The application with an installed redis-server.</summary>
public sealed class AppHostTests(RunningAppHost apphost) : AppHostTest(apphost), IClassFixture<RunningAppHost>;

/// <summary>The application with Garnet instead of redis-server.</summary>
public sealed class AppHostOnGarnetTests(AppHostOnGarnetTests.OnGarnet apphost)
    : AppHostTest(apphost), IClassFixture<AppHostOnGarnetTests.OnGarnet>
{
    public sealed class OnGarnet : RunningAppHost
    {
        protected override string[] Arguments => ["--Redis:Program=garnet"];
    }
}

/// <summary>Tests of the running application, which is started once for all of them.</summary>
public abstract class AppHostTest(RunningAppHost apphost)
{
    private const decimal PicoUsd = 1_000_000_000_000m;
    private static readonly string[] Stages = ["authenticate", "reserve", "settle"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_metered_call_is_in_Postgres_and_its_cost_in_Redis()
    {
        await using var redis = await RedisAsync();
        var (user, cost) = await CountedUserAsync(redis);
        await Eventually.TrueAsync(
            async () => (await LedgerAsync(user)).Sum() == await CountedAsync(redis, user), "the entries, with the counted cost");
        Assert.Contains(cost, await LedgerAsync(user));
    }

    [Fact]
    public async Task A_call_is_one_trace_from_the_server_to_the_ledger()
    {
        var user = NewUser();
        var (trace, parent) = (ActivityTraceId.CreateRandom().ToString(), ActivitySpanId.CreateRandom().ToString());
        using var response = await SendAsync(user, $"00-{trace}-{parent}-01");
        Assert.Equal(trace, response.Headers.GetValues("x-trace-id").Single());
        var written = await apphost.Collector.SpanAsync(span => span.Links.Any(link => link.TraceId == trace), "the ledger's write");
        var call = await apphost.Collector.SpanAsync(span => span.TraceId == trace && span.Name == "chat demo", "the upstream call");
        await apphost.Collector.WaitUntilAsync(
            received => received.TraceOf(trace).Any(span => span.Kind == ActivityKind.Server), "the server's span");
        var spans = apphost.Collector.TraceOf(trace);
        var server = spans.First(span => span.Kind == ActivityKind.Server);

        Assert.Equal(parent, server.ParentId);
        Assert.Equal("proxy", server.Service);
        Assert.Equal(server.SpanId, call.ParentId);
        Assert.Equal(ActivityKind.Client, call.Kind);
        var cost = decimal.Parse(response.Headers.GetValues("cost").Single(), CultureInfo.InvariantCulture);
        Assert.Equal(cost, (decimal)(double)call["aipipe.cost.usd"]!);
        Assert.Equal("demo", call["gen_ai.request.model"]);
        Assert.All(Stages, stage => Assert.Equal(server.SpanId, spans.Single(span => span.Name == stage).ParentId));
        Assert.NotEqual(trace, written.TraceId);
    }

    [Fact]
    public async Task Pages_come_from_the_Portal_through_the_proxy()
    {
        using var http = apphost.App.CreateHttpClient("proxy", "http");
        Assert.Contains("<html", await http.GetStringAsync("/login", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dashboard_commands_make_a_sign_in_link_and_send_traffic()
    {
        var link = await apphost.CommandAsync("proxy", "sign-in-link");
        Assert.Matches("^http://localhost:[0-9]+/login\\?link=[A-Za-z0-9_-]{43}$", link.Data?.Value);
        var traffic = await apphost.CommandAsync("proxy", "demo-traffic");
        Assert.StartsWith("24 of 24 demo calls succeeded", traffic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_are_served_by_lease_while_Redis_is_stopped_and_no_cost_is_lost()
    {
        var user = NewUser();
        var before = await CallAsync(user);
        // The lease needs to know what the user has spent.
        await Eventually.TrueAsync(async () => (await LedgerAsync(user)).Length == 1, "the first entry");
        await apphost.CommandAsync("redis", KnownResourceCommands.StopCommand);
        var during = await CallAsync(user);
        await apphost.CommandAsync("redis", KnownResourceCommands.StartCommand);
        await apphost.HealthyAsync("redis");
        var after = await CallAsync(user);
        await Eventually.TrueAsync(async () => (await LedgerAsync(user)).Sum() == before + during + after, "all three entries");
    }

    [Fact]
    public async Task Postgres_stops_cleanly_despite_connected_clients_and_no_call_is_lost()
    {
        var data = Path.Combine(apphost.Folder, "postgres");
        // While Redis counts, a replica does not need Postgres to know what the user spent.
        await using var redis = await RedisAsync();
        var (user, before) = await CountedUserAsync(redis);
        await apphost.CommandAsync("postgres", KnownResourceCommands.StopCommand);
        await Eventually.TrueAsync(() => Postmaster.Read(data) is null, "the pid file deleted, as after a clean stop");
        decimal during;
        try
        {
            // The replica journals this call, and writes it to Postgres after the start.
            during = await CallAsync(user);
        }
        finally
        {
            // Other tests need it, too.
            await apphost.CommandAsync("postgres", KnownResourceCommands.StartCommand);
            await apphost.HealthyAsync("postgres");
        }
        await Eventually.TrueAsync(async () => (await LedgerAsync(user)).Sum() == before + during, "both entries");
    }

    [Fact]
    public async Task A_killed_replica_loses_no_call_and_is_restarted_while_the_other_serves()
    {
        var replica = await apphost.App.ResourceNotifications.WaitForResourceAsync(
            "proxy", static change => PidOf(change.Snapshot) is not null, Cancellation);
        var killed = PidOf(replica.Snapshot)!.Value;
        var user = NewUser();
        var before = await CallAsync(user);
        using (var process = Process.GetProcessById(killed)) process.Kill(entireProcessTree: true);
        var served = 0m;
        for (var calls = 0; calls < 5; calls++)
        {
            // A connection may still lead to the killed replica.
            await EventuallyServedAsync(user, cost => served += cost);
        }
        await apphost.App.ResourceNotifications.WaitForResourceAsync("proxy",
            change => change.ResourceId == replica.ResourceId && PidOf(change.Snapshot) is { } pid && pid != killed, Cancellation);
        await apphost.HealthyAsync("proxy");
        await Eventually.TrueAsync(async () => (await LedgerAsync(user)).Sum() == before + served, "every call in the ledger");
    }

    [Fact]
    public async Task Killed_Postgres_is_restarted()
    {
        var data = Path.Combine(apphost.Folder, "postgres");
        await Eventually.TrueAsync(() => Postmaster.Read(data)?.Runs(data) == true, "Postgres running");
        var killed = Postmaster.Read(data)!.Pid;
        using (var server = Process.GetProcessById(killed)) server.Kill();
        await Eventually.TrueAsync(() => Postmaster.Read(data) is { } again && again.Pid != killed && again.Runs(data), "another server");
        await EventuallyServedAsync(NewUser());
    }

    [Fact]
    public async Task Postgres_that_fails_to_start_after_a_kill_is_started_again()
    {
        var version = Path.Combine(apphost.Folder, "postgres", "PG_VERSION");
        await apphost.HealthyAsync("postgres");
        var known = await File.ReadAllTextAsync(version, Cancellation);
        // Without a version, the folder is not a cluster.
        await File.WriteAllTextAsync(version, "", Cancellation);
        using (var server = Process.GetProcessById(Postmaster.Read(Path.Combine(apphost.Folder, "postgres"))!.Pid)) server.Kill();
        await apphost.App.ResourceNotifications.WaitForResourceAsync("postgres", KnownResourceStates.FailedToStart, Cancellation);
        await File.WriteAllTextAsync(version, known, Cancellation);
        await apphost.HealthyAsync("postgres");
        await EventuallyServedAsync(NewUser());
    }

    [Fact]
    public async Task Postgres_listens_on_loopback_only_requires_its_password_and_has_no_secret_in_its_environment()
    {
        await using var postgres = NpgsqlDataSource.Create(await DatabaseAsync());
        await using var settings = postgres.CreateCommand(
            "select concat_ws(' ', current_setting('server_encoding'), current_setting('listen_addresses'), current_setting('fsync'))");
        Assert.Equal("UTF8 127.0.0.1 on", await settings.ExecuteScalarAsync(Cancellation));
        var wrong = new NpgsqlConnectionStringBuilder(await DatabaseAsync()) { Password = "wrong", Pooling = false };
        await using var stranger = new NpgsqlConnection(wrong.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => stranger.OpenAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
        if (!OperatingSystem.IsLinux()) return;
        var pid = Postmaster.Read(Path.Combine(apphost.Folder, "postgres"))!.Pid;
        var environment = await File.ReadAllTextAsync($"/proc/{pid}/environ", Cancellation);
        Assert.DoesNotContain(apphost.Secret, environment, StringComparison.Ordinal);
        Assert.DoesNotContain("DOTNET_", environment, StringComparison.Ordinal);
        var password = Path.Combine(apphost.Folder, "postgres.password");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(password));
    }

    private static int? PidOf(CustomResourceSnapshot snapshot)
    {
        var property = snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid");
        return int.TryParse(property?.Value?.ToString(), CultureInfo.InvariantCulture, out var pid) ? pid : null;
    }

    private static string NewUser() => $"{Guid.NewGuid():N}@example.com";

    private async Task<ConnectionMultiplexer> RedisAsync() => await ConnectionMultiplexer.ConnectAsync(
        $"{await apphost.App.GetConnectionStringAsync("redis", Cancellation)},allowAdmin=true");

    /// <summary>
    /// Calls until Redis has a user's counter with everything from Postgres. Another test may have stopped Redis just before, and until all
    /// replicas use it again, calls are served by lease.
    /// </summary>
    private async Task<(string User, decimal Cost)> CountedUserAsync(ConnectionMultiplexer redis)
    {
        var (user, cost) = ("", 0m);
        await Eventually.TrueAsync(async () =>
        {
            (user, cost) = (NewUser(), 0);
            await EventuallyServedAsync(user, served => cost += served);
            return CounterOf(redis, user) is { } counter && await redis.GetDatabase().HashExistsAsync(counter, "since");
        }, "the user's counter in Redis");
        return (user, cost);
    }

    private static async Task<decimal> CountedAsync(ConnectionMultiplexer redis, string user)
    {
        if (CounterOf(redis, user) is not { } counter) return 0;
        var fields = await redis.GetDatabase().HashGetAllAsync(counter);
        return fields.Where(field => field.Name.StartsWith("b") || field.Name.StartsWith("o")).Sum(field => (long)field.Value) / PicoUsd;
    }

    private static RedisKey? CounterOf(ConnectionMultiplexer redis, string user) =>
        redis.GetServers().Single().Keys(pattern: $"*scope:user:{user}").Cast<RedisKey?>().SingleOrDefault();

    private async Task<decimal> CallAsync(string user)
    {
        using var response = await SendAsync(user);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        return decimal.Parse(response.Headers.GetValues("cost").Single(), CultureInfo.InvariantCulture);
    }

    private async Task EventuallyServedAsync(string user, Action<decimal>? addCost = null) => await Eventually.TrueAsync(async () =>
    {
        try
        {
            using var response = await SendAsync(user);
            if (response.StatusCode != HttpStatusCode.OK) return false;
            addCost?.Invoke(decimal.Parse(response.Headers.GetValues("cost").Single(), CultureInfo.InvariantCulture));
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }, "a call served again");

    private async Task<HttpResponseMessage> SendAsync(string user, string? traceparent = null)
    {
        using var http = apphost.App.CreateHttpClient("proxy", "http");
        http.DefaultRequestHeaders.Authorization = new("Bearer", Tokens.Sign(user, apphost.Secret));
        if (traceparent is not null) http.DefaultRequestHeaders.Add("traceparent", traceparent);
        return await http.PostAsJsonAsync("/demo/v1/chat/completions",
            new { model = "demo", messages = new[] { new { role = "user", content = "Hello" } } }, Cancellation);
    }

    private async Task<string> DatabaseAsync() => (await apphost.App.GetConnectionStringAsync("aipipe", Cancellation))!;

    private async Task<decimal[]> LedgerAsync(string user)
    {
        await using var postgres = NpgsqlDataSource.Create(await DatabaseAsync() + ";Pooling=false");
        await using var command = postgres.CreateCommand("select cost from ledger_entries where user_name = $1");
        command.Parameters.AddWithValue(user);
        await using var rows = await command.ExecuteReaderAsync(Cancellation);
        var costs = new List<decimal>();
        while (await rows.ReadAsync(Cancellation)) costs.Add(rows.GetDecimal(0));
        return [.. costs];
    }
}
