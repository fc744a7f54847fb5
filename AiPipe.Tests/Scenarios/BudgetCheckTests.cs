using System.Collections.Concurrent;
using System.Diagnostics;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.Scenarios;

/// <summary>What a call asks Postgres before its answer goes out: its scopes' sums the first time, and nothing from then on.</summary>
public sealed class BudgetCheckTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    [Fact]
    public async Task Budget_check_reads_sums_once_and_never_the_ledger()
    {
        var said = new ConcurrentQueue<(ActivityTraceId Trace, string Text)>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Npgsql" or "Microsoft.AspNetCore" or "AiPipe",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.Source.Name == "Npgsql" && IsOurs(span) && Statement(span) is { } text) said.Enqueue((span.TraceId, text));
            },
        };
        ActivitySource.AddActivityListener(listener);
        var checks = new List<string[]>();
        Provider.Answer = async (http, _) =>
        {
            checks.Add([.. said.Select(statement => statement.Text)]);
            await Answers.Json(http, Answers.Chat(1000, 500));
        };

        var cold = await CallAsync();
        await Gateway.FlushAsync();
        var written = said.Count;
        var warm = await CallAsync();
        await Gateway.FlushAsync();

        // By the time the call leaves, and in its whole course.
        Assert.Equal([LedgerStore.Days], checks[0]);
        Assert.Equal([LedgerStore.Days], said.Where(statement => statement.Trace == cold).Select(statement => statement.Text));
        Assert.Equal(written, checks[1].Length);
        Assert.DoesNotContain(said, statement => statement.Trace == warm);
        // The groups' writes belong to no call.
        Assert.Equal([LedgerStore.Days, LedgerStore.Write, LedgerStore.Write], said.Select(statement => statement.Text));
    }

    private async Task<ActivityTraceId> CallAsync()
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[]}"""));
        response.EnsureSuccessStatusCode();
        return ActivityTraceId.CreateFromString(response.Headers.GetValues("x-trace-id").Single());
    }

    // The names of these tags depend on the version of the conventions.
    private static string? Statement(Activity span) => (span.GetTagItem("db.query.text") ?? span.GetTagItem("db.statement")) as string;

    private bool IsOurs(Activity span) =>
        new Npgsql.NpgsqlConnectionStringBuilder(Database)
            .Database == (span.GetTagItem("db.namespace") ?? span.GetTagItem("db.name")) as string;
}
