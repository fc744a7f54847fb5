using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Chaos;

/// <summary>
/// Two replicas, one Redis, one Postgres, 200 callers of one user at once, with a budget for about half of what they want. A third of them
/// leave in the middle of their streams, and one replica is killed half way.
/// </summary>
/// <remarks>
/// What must be equal: the counter, the ledger and its sums by day; and, call by call, the ledger and the provider's own bill, for every
/// call
/// whose replica lived to see its end, whether its caller stayed or left. What is bounded: a call that was cut by the kill. What passed of
/// it
/// was marked before it was passed on, but the provider may have sent one event more, and the input is charged by its upper bound: so it is
/// charged at least that bound (which here is more than the provider bills for input and an unmarked event together), at most what it held.
/// </remarks>
public sealed class KilledReplicaTests(PostgresFixture postgres, RedisFixture redis) : IClassFixture<RedisFixture>
{
    private const string Ann = "ann@example.com";
    private const int Callers = 200;
    private const int MostTokens = 512;
    private const int EventsBeforeLeaving = 3;
    /// <summary>Callers who are certainly in the middle of an answer when its replica is killed; others are by chance.</summary>
    private const int InTheMiddle = 10;
    private const decimal Limit = 0.04m;
    /// <summary>Bytes of prompt, of which the provider bills a quarter as tokens: each may be one.</summary>
    private const int Prompt = 2000;
    private const decimal InputAtMost = Prompt * 0.15m / 1_000_000;
    private const decimal HeldAtMost = ((Prompt + 200) * 0.15m + MostTokens * 0.6m) / 1_000_000;
    /// <summary>Far more than any call takes, and far less than the minutes that the gateway would wait for somebody who is dead.</summary>
    private static readonly TimeSpan AttemptLimit = Eventually.Limit;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly string Call =
        $$"""{"model":"gpt-4o-mini","stream":true,"max_tokens":{{MostTokens}},"messages":[{"role":"user","content":"{{new string('a', Prompt)}}"}]}""";

    private readonly ProviderBills _bills = new() { Half = 50 };
    private readonly ConcurrentBag<TimeSpan> _attempts = [];
    private readonly TaskCompletionSource _inTheMiddle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;
    private int _broken;
    private int _left;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ledger_counter_and_the_providers_own_bill_agree_and_nothing_is_overspent(bool diskSurvives)
    {
        await using var provider = await FakeProvider.StartAsync();
        provider.Answer = _bills.AnswerAsync;
        var database = await postgres.NewDatabaseAsync();
        var server = await redis.NewServerAsync();
        var disks = new[] { Directory.CreateTempSubdirectory("aipipe-"), Directory.CreateTempSubdirectory("aipipe-") };
        var replicas = await Task.WhenAll(disks.Select(disk =>
        {
            var settings = Gateway.Settings(database, provider.Address, (diskSurvives ? disks[0] : disk).FullName);
            settings.AddBudget(Ann, Limit, 7);
            settings["AiPipe:Budgets:ReplicaTimeout"] = "0:00:10";
            // A machine too busy for Redis to answer in time must not lend money here: then callers wait.
            settings["AiPipe:Budgets:OnCounterOutage"] = "refuse";
            settings["REDIS_ADDRESS"] = server.Address;
            return GatewayProcess.StartAsync(settings);
        }));
        await using var survivor = replicas[0];
        await using var victim = replicas[1];

        // Those come first, so that nobody else has spent their money.
        var crowd = Enumerable.Range(0, Callers).ToLookup(IsInTheMiddle);
        var first = crowd[true].Select(i => Task.Run(() => CallAsync(i, survivor, victim))).ToList();
        await _inTheMiddle.Task.WaitAsync(Eventually.Limit);
        var callers = Task.WhenAll(crowd[false].Select(i => Task.Run(() => CallAsync(i, survivor, victim))).Concat(first));
        await Task.WhenAny(_bills.HalfWay, callers).WaitAsync(Eventually.Limit);
        await victim.KillAsync();
        _killed.SetResult();
        if (!diskSurvives) disks[1].Delete(recursive: true);
        await callers;

        await using var ledger = new LedgerTable(database);
        await Eventually.TrueAsync(
            async () => await SettledAsync(survivor, ledger, diskSurvives ? disks[0] : null),
            "nothing being held, and all being written down");
        await ProveAsync(survivor, ledger);
    }

    private async Task ProveAsync(GatewayProcess survivor, LedgerTable ledger)
    {
        var rows = await ledger.RowsAsync();
        var usage = await survivor.UsageAsync(Ann);
        var total = rows.Sum(row => row.Cost);
        Assert.Equal((total, 0m), usage);
        Assert.Equal(total, await ledger.DaysAsync());
        Assert.InRange(total, 0.9m * Limit, Limit);
        Assert.InRange(_bills.Total, 0.5m * Limit, Limit);
        Assert.All(_attempts, took => Assert.InRange(took, TimeSpan.Zero, AttemptLimit));
        Assert.True(_left > 10 && _broken > 0, $"{_left} left, {_broken} were cut");

        // No answer is in the ledger twice, none that is in it costs other than the provider says.
        var answers = rows.Where(row => row.ResponseId is not null).ToDictionary(row => row.ResponseId!);
        Assert.All(answers, answer => Assert.Equal(_bills.All[answer.Key].Cost, answer.Value.Cost));
        var cut = _bills.All.Values.Where(bill => !answers.ContainsKey(bill.Id)).ToList();
        var charged = Charged([.. rows.Where(row => row.ResponseId is null)]);
        Assert.InRange(charged.Count, cut.Count, cut.Count + _broken);
        Assert.InRange(charged.Sum(), cut.Sum(bill => bill.Cost), charged.Count * HeldAtMost);
        Assert.True(cut.Count >= InTheMiddle, $"{cut.Count} calls were cut");
    }

    /// <summary>
    /// What calls without an answer were charged; what had been booked for them before their journal was found has been taken back.
    /// </summary>
    private static List<decimal> Charged(List<LedgerTable.Row> rows)
    {
        var costs = rows.Where(row => row.Kind != "reversal").Select(row => row.Cost).ToList();
        // Of a call that had ended, the entry that takes it back has no answer's id, and that of the answer has.
        foreach (var reversal in rows.Where(row => row.Kind == "reversal")) Assert.True(costs.Remove(-reversal.Cost));
        return costs;
    }

    private static async Task<bool> SettledAsync(GatewayProcess survivor, LedgerTable ledger, DirectoryInfo? shared)
    {
        // Whoever replays a journal takes its replica off the list; one that is gone with its disk only lapses there.
        if (shared is not null && (shared.GetDirectories("journal/*").Length > 1 || await ledger.ReplicasAsync() > 1)) return false;
        var (spent, held) = await survivor.UsageAsync(Ann);
        return held == 0 && (await ledger.RowsAsync()).Sum(row => row.Cost) == spent;
    }

    /// <summary>Asks until the whole answer, or as much as was wanted, has come, or the money is spent.</summary>
    private async Task CallAsync(int caller, GatewayProcess survivor, GatewayProcess victim)
    {
        var replica = caller % 2 == 0 ? survivor : victim;
        while (true)
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                using var limit = new CancellationTokenSource(2 * AttemptLimit);
                using var response = await replica.Http.SendAsync(
                    GatewayProcess.Post(Ann, Call), HttpCompletionOption.ResponseHeadersRead, limit.Token);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    if (!await _bills.ReadAsync(response, events => GoOnAsync(caller, events), limit.Token))
                        Interlocked.Increment(ref _left);
                    return;
                }
                var code = await response.CodeAsync();
                Assert.True(code is "budget_reserved" or "budget_spent" or "counter_unavailable", $"{response.StatusCode} {code}");
                if (code == "budget_spent") return;
            }
            catch (Exception exception) when (replica == victim && exception is HttpRequestException or IOException)
            {
                Interlocked.Increment(ref _broken);
                replica = survivor;
            }
            finally
            {
                _attempts.Add(Stopwatch.GetElapsedTime(begun));
            }
            await Task.Delay(Pause);
        }
    }

    /// <summary>Of six callers two leave, one of either replica; of the victim's others some wait in the middle for the kill.</summary>
    private async ValueTask<bool> GoOnAsync(int caller, int events)
    {
        if (events < EventsBeforeLeaving) return true;
        if (caller % 3 == 0) return false;
        if (!IsInTheMiddle(caller) || events > EventsBeforeLeaving) return true;
        if (Interlocked.Increment(ref _waiting) == InTheMiddle) _inTheMiddle.SetResult();
        await _killed.Task;
        return true;
    }

    private static bool IsInTheMiddle(int caller) => caller % 6 == 1 && caller < 6 * InTheMiddle;
}
