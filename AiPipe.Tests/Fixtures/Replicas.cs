using System.Diagnostics;
using System.Net;
using AiPipe.Proxy.Counters.Redis;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.Tests.Fixtures;

/// <summary>Two gateways in this process before one Redis, one Postgres and one provider that keeps its own bills.</summary>
internal sealed class Replicas : IAsyncDisposable
{
    private FakeProvider _provider = null!;

    public ProviderBills Bills { get; } = new();
    public IReadOnlyList<Gateway> All { get; private set; } = [];
    public LedgerTable Ledger { get; private init; } = null!;
    public Gateway First => All[0];

    public static async Task<Replicas> StartAsync(
        string database, RedisProcess redis, Action<Dictionary<string, string?>>? configure = null)
    {
        var replicas = new Replicas { _provider = await FakeProvider.StartAsync(), Ledger = new LedgerTable(database) };
        replicas._provider.Answer = replicas.Bills.AnswerAsync;
        replicas.All = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => Gateway.StartAsync(database, settings =>
        {
            settings["AiPipe:Providers:openai:BaseUrl"] = replicas._provider.Address;
            settings["REDIS_ADDRESS"] = redis.Address;
            settings["AiPipe:Budgets:ReplicaTimeout"] = "0:00:10";
            configure?.Invoke(settings);
        }))));
        return replicas;
    }

    /// <summary>A call whose answer has as many tokens as it may.</summary>
    /// <param name="replica">Which of them.</param>
    /// <param name="user">Whose.</param>
    /// <param name="tokens">Its output limit.</param>
    /// <param name="streamed">As a stream, read to its end.</param>
    public async Task<Tried> CallAsync(int replica, string user, int tokens = 500, bool streamed = false)
    {
        var begun = Stopwatch.GetTimestamp();
        using var response = await All[replica]
            .Http.SendAsync(Request(replica, user, tokens, streamed), HttpCompletionOption.ResponseHeadersRead);
        if (response.StatusCode == HttpStatusCode.OK && streamed) await Bills.ReadAsync(
            response, static _ => ValueTask.FromResult(true), CancellationToken.None);
        var code = response.StatusCode == HttpStatusCode.OK ? null : await response.CodeAsync();
        if (response.StatusCode == HttpStatusCode.OK && !streamed) await response.Content.ReadAsByteArrayAsync();
        return new Tried(response.StatusCode, code, response.Headers.RetryAfter?.Delta, Stopwatch.GetElapsedTime(begun));
    }

    public HttpRequestMessage Request(int replica, string user, int tokens, bool streamed) =>
        All[replica].Post("/openai/v1/chat/completions",
        $$"""{"model":"gpt-4o-mini","max_tokens":{{tokens}},"user":"{{user}}","stream":{{(streamed ? "true" : "false")}},"messages":[]}""", All[replica].Token(user));

    /// <summary>Returns when both count in Redis.</summary>
    public Task JoinedAsync() => Eventually.TrueAsync(
        () => All.All(gateway => gateway.Services.GetRequiredService<LocalReservations>().Member is not null),
            "both replicas being members");

    /// <summary>
    /// Proves of each user that both counters, the ledger, the sums by day and the provider's bill are one number, and that nothing is
    /// held.
    /// </summary>
    public async Task AgreeAsync(params IEnumerable<string> users)
    {
        foreach (var gateway in All) await gateway.FlushAsync().WaitAsync(Eventually.Limit);
        var rows = await Ledger.RowsAsync();
        Assert.Equal(rows.Count, rows.Select(row => row.ResponseId).Distinct(StringComparer.Ordinal).Count());
        Assert.All(rows, row => Assert.Equal(Bills.All[row.ResponseId!].Cost, row.Cost));
        foreach (var user in users)
        {
            var billed = Bills.TotalOf(user);
            Assert.Equal(billed, rows.Where(row => row.User == user).Sum(row => row.Cost));
            Assert.Equal(billed, await Ledger.DaysAsync(user));
            foreach (var gateway in All)
            {
                var usage = await gateway.GetJsonAsync("/usage", gateway.Token(user));
                Assert.Equal((billed, 0m), (usage.GetProperty("spent").GetDecimal(), usage.GetProperty("held").GetDecimal()));
            }
        }
        Assert.Equal(Bills.All.Count, rows.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        foreach (var gateway in All) await gateway.DisposeAsync();
        await Ledger.DisposeAsync();
    }
}

/// <summary>How a call went.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Code">Why it was refused, if so.</param>
/// <param name="RetryAfter">When asking again may help.</param>
/// <param name="Took">To the end of its answer.</param>
internal sealed record Tried(HttpStatusCode Status, string? Code, TimeSpan? RetryAfter, TimeSpan Took);
