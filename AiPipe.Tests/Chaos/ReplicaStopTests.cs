using System.Net;
using System.Net.Sockets;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Chaos;

/// <summary>Replicas are stopped as an orchestrator stops them, while calls go on.</summary>
public sealed class ReplicaStopTests(PostgresFixture postgres, RedisFixture redis) : IAsyncDisposable, IClassFixture<RedisFixture>
{
    private const string Ann = "ann@example.com";
    private const int Callers = 12;
    private const int CallsPerPhase = 5;
    private const string Call = """{"model":"gpt-4o-mini","stream":true,"max_tokens":256,"messages":[]}""";

    private readonly ProviderBills _bills = new();
    private readonly GatewayProcess?[] _replicas = new GatewayProcess?[2];
    private readonly List<GatewayProcess> _stopped = [];

    [Fact]
    public async Task Rolling_restart_loses_nothing_and_no_caller_notices()
    {
        await using var provider = await FakeProvider.StartAsync();
        provider.Answer = _bills.AnswerAsync;
        var database = await postgres.NewDatabaseAsync();
        var server = await redis.NewServerAsync();
        var settings = Enumerable.Range(0, 2).Select(_ =>
        {
            var own = Gateway.Settings(database, provider.Address, Scratch.NewFolder("gateway"));
            own["AiPipe:Budgets:*:Limit"] = "1000";
            // Whatever a stopped replica has left would be held for long.
            own["AiPipe:Budgets:ReplicaTimeout"] = "0:10:00";
            own["REDIS_ADDRESS"] = server.Address;
            return own;
        }).ToList();
        await using var ledger = new LedgerTable(database);
        for (var i = 0; i < 2; i++) _replicas[i] = await GatewayProcess.StartAsync(settings[i]);
        var load = new Load(Callers, CallAsync);

        for (var i = 0; i < 2; i++)
        {
            await load.PhaseAsync(CallsPerPhase);
            var stopped = _replicas[i]!;
            Assert.Equal(0, await stopped.StopAsync());
            Assert.Equal(1, await ledger.ReplicasAsync());
            Assert.Empty(Directory.GetDirectories(Path.Combine(settings[i]["AIPIPE_DATA"]!, "journal")));
            await load.PhaseAsync(CallsPerPhase);
            // Those who are just asking the old one must hear that it is gone: it is disposed of at the end.
            _stopped.Add(stopped);
            Volatile.Write(ref _replicas[i], await GatewayProcess.StartAsync(settings[i]));
        }
        await load.PhaseAsync(CallsPerPhase);
        await load.StopAsync();
        for (var i = 0; i < 2; i++)
        {
            // One that is the last knows all that there is, and leaves nothing of it. While two write, a sum may have what the other is
            // just about
            // to say that it has written: for that moment it counts too much.
            await Eventually.TrueAsync(
                async () => await _replicas[i]!.UsageAsync(Ann) == (_bills.Total, 0m), $"{_bills.Total} USD spent, and nothing held");
            Assert.Equal(0, await _replicas[i]!.StopAsync());
        }
        var rows = await ledger.RowsAsync();
        Assert.Equal(load.Calls, rows.Count);
        Assert.All(rows, row => Assert.Equal(_bills.All[row.ResponseId!].Cost, row.Cost));
        Assert.Equal((_bills.Total, 0L), (await ledger.DaysAsync(), await ledger.ReplicasAsync()));
        Assert.Equal(load.Calls, _bills.All.Count);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _stopped.Concat(_replicas.OfType<GatewayProcess>())) await replica.DisposeAsync();
    }

    private async Task CallAsync(int caller, int number)
    {
        for (var replica = caller % 2; ; replica = 1 - replica)
        {
            try
            {
                using var limit = new CancellationTokenSource(Eventually.Limit);
                using var request = GatewayProcess.Post(Ann, Call);
                // A kept connection may be closed by its server at the moment of the next request: HTTP has no remedy for that (RFC 9112,
                // section 9.3.1).
                request.Headers.ConnectionClose = true;
                using var response = await Volatile.Read(ref _replicas[replica])!.Http.SendAsync(
                    request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.True(await _bills.ReadAsync(response, static _ => ValueTask.FromResult(true), limit.Token));
                return;
            }
            // It has not taken the connection (or the system had, for it, when it ended), or has closed it before it read the request, so
            // it has
            // seen nothing of the call: that the provider has as many calls as callers had answers proves it. A load balancer tries
            // another.
            catch (HttpRequestException exception) when (IsUnseen(exception))
            {
            }
        }
    }

    private static bool IsUnseen(HttpRequestException exception) => exception.GetBaseException()
        is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.ConnectionReset }
            or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded };
}
