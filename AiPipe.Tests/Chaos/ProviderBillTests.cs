using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Upstream.Unfinished;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AiPipe.Tests.Chaos;

/// <summary>
/// A provider bills as real ones do: hidden reasoning, answers that go on without a reader, errors with a status of success. Callers leave
/// at any moment. The ledger is the provider's bill wherever the provider told it, and never less.
/// </summary>
public sealed class ProviderBillTests(PostgresFixture postgres, RedisFixture redis) : IClassFixture<RedisFixture>
{
    private const int Calls = 2_000;
    private const int RepeatedReads = 20;
    private const int InParallel = 24;
    private const decimal Limit = 9m;
    private const int MostOutput = 2_000;
    private const int MostVisible = 12;
    private const string Reasoning = "o3";
    private const string Plain = "gpt-4o-mini";

    private readonly ConcurrentDictionary<string, Billed> _calls = new(StringComparer.Ordinal);

    private enum Manner { Tells, SaysNothing, SaysZero, Fails, BreaksOff }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ledger_is_the_providers_bill_wherever_it_was_told_and_never_less(bool isShared)
    {
        var database = await postgres.NewDatabaseAsync();
        var server = isShared ? await redis.NewServerAsync() : null;
        void Configure(Dictionary<string, string?> settings)
        {
            if (server is not null) settings["REDIS_ADDRESS"] = server.Address;
            settings.AddBudget("@billed.example", 1, days: 7);
            settings["AiPipe:Budgets:Together:@billed.example:Limit"] = $"{Limit}";
            settings["AiPipe:Budgets:Together:@billed.example:Days"] = "7";
        }
        var gateways = new List<Gateway> { await Gateway.StartAsync(database, Configure) };
        if (isShared) gateways.Add(await Gateway.StartAsync(database, Configure));
        try
        {
            foreach (var gateway in gateways) gateway.Provider.Answer = AnswerAsync;
            var random = new Random(20261130);
            var made = Enumerable.Range(0, Calls).Select(number => new Billed(number, random)).ToList();
            using var over = new CancellationTokenSource();
            var watching = WatchAsync(gateways[0], isShared ? RepeatedReads : 0, over.Token);
            await Parallel.ForEachAsync(made, new ParallelOptions { MaxDegreeOfParallelism = InParallel },
                async (call, _) => await CallAsync(gateways[call.Number % gateways.Count], call));
            foreach (var gateway in gateways)
            {
                var unfinished = gateway.Services.GetRequiredService<UnfinishedCalls>();
                await Eventually.TrueAsync(() => unfinished.Count == 0, "every response being read");
                await Eventually.TrueAsync(async () => await ReservedAsync(gateway) == 0, "no reservation being left");
                await gateway.FlushAsync();
            }
            await over.CancelAsync();
            await watching;
            await CompareAsync(database, made);
        }
        finally
        {
            foreach (var gateway in gateways) await gateway.DisposeAsync();
        }
    }

    private static async Task<decimal> ReservedAsync(Gateway gateway)
    {
        var (spent, _) = await SpendAsync(gateway);
        return spent.Reserved.ToUsd();
    }

    private static async Task<(ScopeSpend Spend, BudgetScope Scope)> SpendAsync(Gateway gateway)
    {
        var scope = gateway.Services.GetRequiredService<BudgetResolver>()
            .ScopesOf(new Spender("any@billed.example", Budget: null, App: null, Key: null), CallTarget.None).Single(one => one.IsShared);
        return (await gateway.Services.GetRequiredService<ISpendCounter>().ReadAsync(scope, CancellationToken.None), scope);
    }

    private static decimal Total(ScopeSpend spend) => spend.Spent.ToUsd() + spend.Reserved.ToUsd();

    /// <summary>The shared limit holds at every moment.</summary>
    private static async Task WatchAsync(Gateway gateway, int readsAtMost, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var (spend, _) = await SpendAsync(gateway);
            // A sum that is read from Redis may have another replica's call twice for a moment (decision 9).
            for (var read = 0; read < readsAtMost && Total(spend) > Limit; read++) (spend, _) = await SpendAsync(gateway);
            Assert.True(Total(spend) <= Limit, $"{spend.Spent} spent and {spend.Reserved} reserved");
            await Task.Yield();
        }
    }

    private async Task CallAsync(Gateway gateway, Billed call)
    {
        _calls[call.Name] = call;
        using var leaving = new CancellationTokenSource();
        using var request = gateway.Post("/openai/v1/chat/completions", call.Request, gateway.Token($"{call.Name}@billed.example"));
        try
        {
            if (call.LeavesAfter == 0) _ = LeaveWhenArrivedAsync(call, leaving);
            using var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leaving.Token);
            call.WasRefused = response.StatusCode == HttpStatusCode.TooManyRequests;
            if (call.WasRefused) return;
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(leaving.Token));
            for (var events = 0; await lines.ReadLineAsync(leaving.Token) is { } line;)
            {
                if (!line.StartsWith("data: {", StringComparison.Ordinal)) continue;
                if (++events == call.LeavesAfter) break;
                call.Read.Release();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            // The caller left, or the provider broke off.
        }
        finally
        {
            call.Left();
        }
    }

    private static async Task LeaveWhenArrivedAsync(Billed call, CancellationTokenSource leaving)
    {
        await Task.WhenAny(call.Arrived.Task, call.Gone.Task);
        if (!call.Gone.Task.IsCompleted) await leaving.CancelAsync();
    }

    private async Task AnswerAsync(HttpContext http, SeenRequest seen)
    {
        var request = JsonDocument.Parse(seen.Body).RootElement;
        var call = _calls[request.GetProperty("user").GetString()!];
        // The gateway may have lowered the limit, which a provider obeys.
        call.Most = request.GetProperty("max_completion_tokens").GetInt32();
        call.Input = call.Request.Length / 4;
        call.Output = call.IsReasoning ? call.Hidden : 0;
        call.Arrived.TrySetResult();
        if (call.LeavesAfter == 0) await call.Gone.Task;
        if (call.Manner == Manner.Fails)
        {
            (call.Input, call.Output) = (0, 0);
            await TryAsync(call, () => Answers.Json(http, """{"error":{"message":"The server had an error."}}"""));
            return;
        }
        if (!call.Streams)
        {
            call.Output += call.Visible;
            if (call.Manner == Manner.BreaksOff) http.Abort();
            else await TryAsync(call, () => Answers.Json(http, call.Answer));
            return;
        }
        await TryAsync(call, () => Answers.BeginStream(http));
        for (var i = 0; i < call.Visible; i++)
        {
            // A plain stream that nobody reads is ended by the gateway; it sends nothing more until then.
            if (!call.IsReasoning && call.Gone.Task.IsCompleted && !http.RequestAborted.IsCancellationRequested)
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
            if (!await TryAsync(call, () => Answers.Event(http, Answers.Chunk("word ")))) return;
            call.Output++;
            // In step with the reader: what a broken connection loses on its way has not passed.
            await call.Read.WaitAsync();
            if (call.Manner == Manner.BreaksOff && i == call.Visible / 2)
            {
                http.Abort();
                return;
            }
        }
        if (call.Manner is Manner.Tells or Manner.SaysZero) await TryAsync(call, () => Answers.Event(http, call.UsageEvent));
        await TryAsync(call, () => Answers.Event(http, "[DONE]"));
    }

    /// <summary>False if the gateway has ended the request.</summary>
    private static async Task<bool> TryAsync(Billed call, Func<Task> write)
    {
        try
        {
            await write();
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            call.WasEnded = true;
            return false;
        }
    }

    private static async Task CompareAsync(string database, List<Billed> made)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select user_name, cost, estimated from ledger_entries");
        await using var reader = await command.ExecuteReaderAsync();
        var ledger = new Dictionary<string, (decimal Cost, bool Estimated)>(StringComparer.Ordinal);
        while (await reader.ReadAsync()) ledger.Add(reader.GetString(0).Split('@')[0], (reader.GetDecimal(1), reader.GetBoolean(2)));
        var told = 0;
        foreach (var call in made.Where(call => !call.WasRefused))
        {
            if (!ledger.TryGetValue(call.Name, out var entry))
            {
                Assert.False(call.Arrived.Task.IsCompleted, $"{call} reached the provider and stands in no ledger");
                continue;
            }
            var wasTold = call.Manner is Manner.Tells or Manner.Fails && !call.WasEnded;
            if (wasTold && !entry.Estimated) told++;
            Assert.True(wasTold && !entry.Estimated ? entry.Cost == call.Cost : entry.Cost >= call.Cost, $"{call}: charged {entry}");
        }
        // Most were told, and not by those alone who stayed.
        Assert.InRange(told, Calls / 3, Calls);
        Assert.Contains(made, call => call is { LeavesAfter: > 0, IsReasoning: true, Manner: Manner.Tells } && !ledger.GetValueOrDefault(call.Name).Estimated);
    }

    /// <summary>One call: what its caller does, how the provider answers, and what it bills.</summary>
    private sealed class Billed(int number, Random random)
    {
        private readonly int _visible = random.Next(1, MostVisible);
        private readonly int _hidden = random.Next(MostOutput - MostVisible);

        public int Number { get; } = number;
        public string Name { get; } = $"call-{number}";
        public bool IsReasoning { get; } = random.Next(2) == 0;
        public bool Streams { get; } = random.Next(3) > 0;
        public int Visible => Math.Min(_visible, Most);
        public int Hidden => Math.Min(_hidden, Most - Visible);
        public int Most { get; set; } = MostOutput;
        public Manner Manner { get; } = random.Next(10) switch { 0 => Manner.SaysNothing, 1 => Manner.SaysZero, 2 => Manner.Fails, 3 => Manner.BreaksOff, _ => Manner.Tells };
        /// <summary>After how many events the caller leaves; 0 = before the response, -1 = it stays.</summary>
        public int LeavesAfter { get; } = random.Next(2) == 0 ? -1 : random.Next(MostVisible);
        public SemaphoreSlim Read { get; } = new(0);
        public TaskCompletionSource Arrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public bool WasRefused { get; set; }
        public bool WasEnded { get; set; }
        public int Input { get; set; }
        public int Output { get; set; }

        public decimal Cost => (Input * (IsReasoning ? 2m : 0.15m) + Output * (IsReasoning ? 8m : 0.6m)) / 1_000_000;

        public string Request => $$"""
            {"model":"{{(IsReasoning ? Reasoning : Plain)}}","user":"{{Name}}","stream":{{(Streams ? "true" : "false")}},"max_completion_tokens":{{MostOutput}},"messages":[{"role":"user","content":"Say some words."}]}
            """;

        public string Answer => Answers.Chat(0, 0).Replace(Answers.Usage(0, 0), Usage, StringComparison.Ordinal)
            .Replace("Hello", string.Concat(Enumerable.Repeat("word ", Visible)), StringComparison.Ordinal);
        public string UsageEvent => Answers.UsageChunk(0, 0).Replace(Answers.Usage(0, 0), Usage, StringComparison.Ordinal);

        private string Usage => Manner switch
        {
            Manner.SaysNothing => "null",
            Manner.SaysZero => Answers.Usage(0, 0),
            _ => Answers.Usage(Input, Output),
        };

        public void Left()
        {
            Gone.TrySetResult();
            Read.Release(MostVisible + 1);
        }

        public override string ToString() =>
            $"{Name} ({Manner}, {(IsReasoning ? Reasoning : Plain)}, {(Streams ? "stream" : "JSON")}, leaves after {LeavesAfter}, ended {WasEnded}) bills {Cost}";
    }
}
