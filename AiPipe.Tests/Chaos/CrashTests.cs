using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Npgsql;

namespace AiPipe.Tests.Chaos;

/// <summary><c>kill -9</c> in the middle of traffic loses nothing and forgives nothing.</summary>
public sealed class CrashTests(PostgresFixture postgres)
{
    private const int Answered = 25;
    private const int InFlight = 5;
    private const int EventsBeforeTheEnd = 200;

    [Fact]
    public async Task After_a_kill_every_answered_call_is_in_usage_and_calls_in_flight_are_charged()
    {
        await using var provider = await FakeProvider.StartAsync();
        var (hanging, allHang) = (0, new TaskCompletionSource());
        provider.Answer = async (http, seen) =>
        {
            if (!seen.Text.Contains("\"stream\":true", StringComparison.Ordinal))
            {
                await Answers.Json(http, Answers.Chat(1000, 500));
                return;
            }
            await Answers.BeginStream(http);
            for (var i = 0; i < EventsBeforeTheEnd; i++) await Answers.Event(http, Answers.Chunk("word "));
            if (Interlocked.Increment(ref hanging) == InFlight) allHang.SetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        var database = await postgres.NewDatabaseAsync();
        var settings = Gateway.Settings(database, provider.Address, Scratch.NewFolder("gateway"));

        await using (var gateway = await GatewayProcess.StartAsync(settings))
        {
            var streams = Enumerable.Range(0, InFlight).Select(_ => ReadAllEventsAsync(gateway)).ToList();
            await allHang.Task.WaitAsync(Eventually.Limit);
            await Task.WhenAll(streams);
            await Task.WhenAll(Enumerable.Range(0, Answered).Select(async _ =>
            {
                using var response = await gateway.Http.SendAsync(GatewayProcess.Post(Gateway.Ann, """{"model":"gpt-4o-mini","messages":[]}"""));
                response.EnsureSuccessStatusCode();
                await response.Content.ReadAsStringAsync();
            }));
            // Some of these are in Postgres by now, some in the journal only.
            await gateway.KillAsync();
            foreach (var stream in streams) (await stream).Dispose();
        }

        // Twice: a journal that is replayed again must change nothing.
        for (var start = 0; start < 2; start++)
        {
            await using var again = await GatewayProcess.StartAsync(settings);
            var usage = await again.UsageAsync(Gateway.Ann);

            var (calls, abandoned) = (await CostsAsync(database, "call"), await CostsAsync(database, "abandoned"));
            Assert.Equal(Answered, calls.Count);
            Assert.All(calls, cost => Assert.Equal(0.00045m, cost));
            Assert.Equal(InFlight, abandoned.Count);
            // At least what was marked of the 200 words, at most what was held for the model's longest answer.
            Assert.All(abandoned, cost => Assert.InRange(cost, 128 * 0.6m / 1_000_000, 0.011m));
            Assert.Equal((calls.Sum() + abandoned.Sum(), 0m), usage);
        }
    }

    private static async Task<HttpResponseMessage> ReadAllEventsAsync(GatewayProcess gateway)
    {
        var response = await gateway.Http.SendAsync(
            GatewayProcess.Post(Gateway.Ann, """{"model":"gpt-4o-mini","stream":true,"messages":[]}"""), HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(), leaveOpen: true);
        for (var events = 0; events < EventsBeforeTheEnd;)
            if ((await lines.ReadLineAsync())!.StartsWith("data:", StringComparison.Ordinal)) events++;
        return response;
    }

    private static async Task<List<decimal>> CostsAsync(string database, string kind)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var connection = await source.OpenConnectionAsync();
        await using var command =
            new NpgsqlCommand(
            "select cost from ledger_entries where lower(kind) = $1", connection)
            { Parameters = { new() { Value = kind } } };
        await using var reader = await command.ExecuteReaderAsync();
        var costs = new List<decimal>();
        while (await reader.ReadAsync()) costs.Add(reader.GetDecimal(0));
        return costs;
    }
}
