using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Npgsql;

namespace AiPipe.Tests.Scenarios;

/// <summary>Two replicas on one disk and one database; one is killed.</summary>
public sealed class NeighbourTests(PostgresFixture postgres)
{
    private const int Calls = 10;
    private const int InFlight = 3;
    private const int EventsBeforeTheEnd = 200;

    [Fact]
    public async Task What_a_killed_replica_left_is_in_the_ledger_while_the_other_goes_on()
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
        var folder = Directory.CreateTempSubdirectory("aipipe-");
        var settings = Gateway.Settings(database, provider.Address, folder.FullName);
        var replicas = await Task.WhenAll(GatewayProcess.StartAsync(settings), GatewayProcess.StartAsync(settings));
        await using var victim = replicas[0];
        await using var survivor = replicas[1];
        Assert.Equal(2, Journals(folder));

        var streams = await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => victim.Http.SendAsync(
            GatewayProcess.Post("ann@example.com", """{"model":"gpt-4o-mini","stream":true,"messages":[]}"""), HttpCompletionOption.ResponseHeadersRead)));
        await allHang.Task.WaitAsync(Eventually.Limit);
        await Task.WhenAll(
            Enumerable.Range(0, Calls).Select(_ => CallAsync(victim, "ann@example.com"))
                .Concat(Enumerable.Range(0, Calls).Select(_ => CallAsync(survivor, "bob@example.com"))));
        await victim.KillAsync();
        foreach (var stream in streams) stream.Dispose();

        await using var source = NpgsqlDataSource.Create(database);
        await Eventually.TrueAsync(async () =>
        {
            await CallAsync(survivor, "bob@example.com");
            return Journals(folder) == 1;
        }, "the killed replica's journal being dealt with");
        await Eventually.TrueAsync(
            async () => await CountAsync(source, "kind = 'call'") == provider.Seen.Count - InFlight, "all calls being in the ledger");
        Assert.Equal(InFlight, await CountAsync(source, "kind = 'abandoned' and user_name = 'ann@example.com'"));
        // At least what was marked of the 200 words, at most what was held for the model's longest answer.
        Assert.Equal(InFlight, await CountAsync(source, "kind = 'abandoned' and cost between 128 * 0.6 / 1000000 and 0.011"));
        Assert.Equal(provider.Seen.Count - InFlight, await CountAsync(source, "cost = 0.00045"));
        foreach (var user in new[] { "ann@example.com", "bob@example.com" })
        {
            await using var sum = source.CreateCommand($"select sum(cost) from ledger_entries where user_name = '{user}'");
            Assert.Equal((decimal)(await sum.ExecuteScalarAsync())!, (await survivor.UsageAsync(user)).Spent);
        }
    }

    private static int Journals(DirectoryInfo folder) => Directory.GetDirectories(Path.Combine(folder.FullName, "journal")).Length;

    private static async Task<long> CountAsync(NpgsqlDataSource source, string which)
    {
        await using var command = source.CreateCommand($"select count(*) from ledger_entries where {which}");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task CallAsync(GatewayProcess gateway, string email)
    {
        using var response = await gateway.Http.SendAsync(GatewayProcess.Post(email, """{"model":"gpt-4o-mini","messages":[]}"""));
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsStringAsync();
    }
}
