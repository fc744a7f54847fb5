using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using AiPipe.Proxy.Ledger;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static AiPipe.Tests.Telemetry.PrometheusText;

namespace AiPipe.Tests.Chaos;

/// <summary>Postgres stops, starts, and stands still while calls go on.</summary>
public sealed class PostgresOutageTests : IAsyncLifetime
{
    private const string Call = """{"model":"gpt-4o-mini","messages":[]}""";
    private const int Users = 6;
    private const int CallsPerPhase = 8;
    private const int MaxPending = 10;
    private const int SegmentBytes = 256;
    /// <summary>
    /// A call whose counters are warm needs no Postgres. On a busy machine some calls take long; if they waited for Postgres, all would.
    /// </summary>
    private static readonly TimeSpan WarmLimit = TimeSpan.FromSeconds(5);

    private readonly PostgresServer _server = new();
    private Gateway _gateway = null!;
    private string _database = "";

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        _database = await _server.NewDatabaseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null) await _gateway.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Under_load_nothing_is_lost_doubled_hung_or_out_of_order()
    {
        _gateway = await Gateway.StartAsync(_database, settings => settings["AiPipe:Budgets:*:Limit"] = "1000");
        var (answered, running, took) = (new int[Users], true, new ConcurrentBag<TimeSpan>());
        var load = Enumerable.Range(0, Users).Select(user => Task.Run(async () =>
        {
            while (Volatile.Read(ref running))
            {
                var begun = Stopwatch.GetTimestamp();
                using var response = await PostAsync($"user{user}@example.com");
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                took.Add(Stopwatch.GetElapsedTime(begun));
                Interlocked.Increment(ref answered[user]);
            }
        })).ToList();
        async Task PhaseAsync()
        {
            var before = answered.ToArray();
            await Eventually.TrueAsync(
                () => load.Exists(user => user.IsFaulted) || answered.Zip(before)
                    .All(calls => calls.First >= calls.Second + CallsPerPhase), "calls of every user");
        }
        async Task AwayAsync()
        {
            took.Clear();
            await PhaseAsync();
            var away = took.Order().ToList();
            Assert.InRange(away[away.Count / 2], TimeSpan.Zero, WarmLimit);
            await ColdCallIsRefusedAsync();
        }
        await PhaseAsync();
        await _server.StopAsync();
        await AwayAsync();
        await _server.StartAsync();
        await PhaseAsync();
        await _server.PauseAsync();
        await AwayAsync();
        await _server.ResumeAsync();
        await PhaseAsync();
        Volatile.Write(ref running, false);
        await Task.WhenAll(load);

        await _gateway.FlushAsync().WaitAsync(Eventually.Limit);
        var rows = await RowsAsync();
        Assert.Equal(_gateway.Provider.Seen.Count, rows.Count);
        Assert.Equal(answered.Sum(), rows.Count);
        Assert.All(rows, row => Assert.Equal(0.00045m, row.Cost));
        foreach (var user in rows.GroupBy(row => row.User))
        {
            Assert.Equal(answered[user.Key["user".Length] - '0'], user.Count());
            // Later calls never came to the ledger before earlier ones.
            Assert.Equal(user.OrderBy(row => row.StartedAt).Select(row => row.Transaction).Order(), user.OrderBy(row => row.StartedAt)
                .Select(row => row.Transaction));
            Assert.Equal(user.Sum(row => row.Cost), await _gateway.SpentAsync(user.Key));
        }
        Assert.Equal(rows.Sum(row => row.Cost), await ScalarAsync("select sum(cost) from daily_spend"));
        Assert.Equal(0, _gateway.Services.GetRequiredService<Journal>().Outstanding);
        using var recovered = await PostAsync("late@example.com");
        Assert.Equal(HttpStatusCode.OK, recovered.StatusCode);
    }

    [Fact]
    public async Task With_too_many_entries_waiting_calls_are_refused_until_postgres_is_back_and_the_metrics_show_it()
    {
        await using var provider = await FakeProvider.StartAsync();
        var settings = Gateway.Settings(_database, provider.Address, Scratch.NewFolder("gateway"));
        settings["AiPipe:Ledger:MaxPending"] = $"{MaxPending}";
        // Smaller than one call's records, so that the journal has nothing left when Postgres has them.
        settings["AiPipe:Ledger:SegmentBytes"] = $"{SegmentBytes}";
        await using var gateway = await GatewayProcess.StartAsync(settings);
        async Task<HttpResponseMessage> CallAsync() => await gateway.Http.SendAsync(GatewayProcess.Post(Gateway.Ann, Call));
        Task MetricsAsync(double unavailable, double pending, Predicate<double> journal) => Eventually.TrueAsync(async () =>
        {
            var text = await gateway.ScrapeAsync();
            return Value(text, "aipipe_dependency_unavailable{.*aipipe_dependency=\"postgres\"") == unavailable
                && Value(text, "aipipe_ledger_pending{") == pending && journal(Value(text, "aipipe_journal_size_bytes{"));
        }, $"metrics with {pending} entries pending");

        using (var warm = await CallAsync()) Assert.Equal(HttpStatusCode.OK, warm.StatusCode);
        await MetricsAsync(unavailable: 0, pending: 0, static size => size < SegmentBytes);
        await _server.StopAsync();
        for (var i = 0; i < MaxPending; i++)
            using (var taken = await CallAsync()) Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        using (var refused = await CallAsync())
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("ledger_unavailable", await refused.CodeAsync());
            Assert.NotNull(refused.Headers.RetryAfter);
        }
        Assert.Equal(1 + MaxPending, provider.Seen.Count);
        await MetricsAsync(unavailable: 1, pending: MaxPending, static size => size > MaxPending * SegmentBytes);

        await _server.StartAsync();
        await MetricsAsync(unavailable: 0, pending: 0, static size => size < SegmentBytes);
        using (var again = await CallAsync()) Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(((2 + MaxPending) * 0.00045m, 0m), await gateway.UsageAsync(Gateway.Ann));
    }

    /// <summary>What a stranger has spent cannot be read, so nobody can say whether there is room.</summary>
    private async Task ColdCallIsRefusedAsync()
    {
        using var response = await PostAsync($"{Guid.NewGuid():N}@example.com").WaitAsync(Eventually.Limit);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("ledger_unavailable", await response.CodeAsync());
    }

    private async Task<HttpResponseMessage> PostAsync(string email)
    {
        using var request = _gateway.Post("/openai/v1/chat/completions", Call, _gateway.Token(email));
        return await _gateway.Http.SendAsync(request);
    }

    private async Task<List<(string User, DateTime StartedAt, decimal Cost, long Transaction)>> RowsAsync()
    {
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand("select user_name, started_at, cost, xmin::text::bigint from ledger_entries");
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<(string, DateTime, decimal, long)>();
        while (await reader.ReadAsync()) rows.Add((reader.GetString(0), reader.GetDateTime(1), reader.GetDecimal(2), reader.GetInt64(3)));
        return rows;
    }

    private async Task<decimal> ScalarAsync(string query)
    {
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand(query);
        return (decimal)(await command.ExecuteScalarAsync())!;
    }
}
