using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pipeline;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Ledger;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Pipeline;

/// <summary>One USD per million output tokens, and no input.</summary>
public sealed class ReservationStageTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly Caller Ann = new Caller.User("ann@example.com", IsAdmin: false, Allowance: null);
    private LedgerHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await LedgerHost.StartAsync(
        await postgres.NewDatabaseAsync(), null, ("AiPipe:Budgets:*:Limit", "0.001"), ("AiPipe:Budgets:*:Days", "7"),
            ("AiPipe:Ledger:MaxPending", "1"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task What_costs_us_nothing_passes_unseen()
    {
        var own = Call(new Caller.Byok("sk-theirs"), 100);
        var unmetered = Call(Ann, 100);
        unmetered.Price = null;
        Assert.Null(await ReserveAsync(own));
        Assert.Null(await ReserveAsync(unmetered));
        Assert.Null(own.Reservation);
        Assert.Null(unmetered.Reservation);
    }

    [Fact]
    public async Task A_call_that_fits_is_held_and_journalled()
    {
        var call = Call(Ann, 100);
        Assert.Null(await ReserveAsync(call));
        Assert.Equal(new CostLimit(PicoUsd.FromUsd(0.0001m), null), call.Reservation!.Limit);
        Assert.Equal(1, _host.Get<Journal>().Outstanding);
    }

    [Theory]
    [InlineData("gpt-4o-mini", true, "0")]
    [InlineData("gpt-4o-mini", false, "0.0001")]
    [InlineData("o3", true, "0.0001")]
    [InlineData("m", true, "0.0001")]
    public async Task A_call_that_is_lost_with_its_process_is_charged_what_its_provider_may_bill(string model, bool streams, string charge)
    {
        var call = Call(Ann, 100);
        call.Body = call.Body with { Model = model, Streams = streams };
        Assert.Null(await ReserveAsync(call));
        Assert.Equal(decimal.Parse(charge, System.Globalization.CultureInfo.InvariantCulture), call.Draft!.Cost.ToUsd());
    }

    [Fact]
    public async Task A_huge_limit_is_lowered_not_refused()
    {
        var call = Call(Ann, 1_000_000);
        Assert.Null(await ReserveAsync(call));
        Assert.Equal(new CostLimit(PicoUsd.FromUsd(0.0005m), 500), call.Reservation!.Limit);
    }

    [Fact]
    public async Task A_spent_budget_says_so_and_when_it_resets()
    {
        _host.Clock.MoveTo(new(2026, 3, 1, 23, 0, 0, TimeSpan.Zero));
        var call = Call(Ann, 1000);
        Assert.Null(await ReserveAsync(call));
        await _host.Ledger.CloseAsync(call.Reservation!, _host.Entry(call.Reservation!, 0.001m));

        var refusal = await ReserveAsync(Call(Ann, 100));
        Assert.Equal((429, "budget_spent", "Usage $0.001 / $0.001 in 7 days"), (refusal!.Status, refusal.Code, refusal.Message));
        Assert.Equal(new DateTimeOffset(2026, 3, 8, 0, 0, 0, TimeSpan.Zero), refusal.ResetsAt);
        Assert.Equal(TimeSpan.FromHours(145), refusal.RetryAfter!.Value);
    }

    [Fact]
    public async Task A_budget_held_by_calls_in_flight_asks_to_wait()
    {
        Assert.Null(await ReserveAsync(Call(Ann, 950)));
        var refusal = await ReserveAsync(Call(Ann, 100));
        Assert.Equal((429, "budget_reserved", TimeSpan.FromSeconds(2)), (refusal!.Status, refusal.Code, refusal.RetryAfter));
    }

    [Fact]
    public async Task Without_a_ledger_no_call_leaves_and_nothing_stays_held()
    {
        var scope = _host.Get<BudgetResolver>().UserScope("ann@example.com");
        await _host.Counter.ReadAsync(scope, TestContext.Current.CancellationToken);
        // The writer is gone, so one entry that waits is as many as may.
        await _host.StopAsync();
        _host.Get<LedgerWriter>().Enqueue(_host.Entry(new Reservation(Guid.NewGuid(), [scope], default, default), 0));

        var call = Call(Ann, 100);
        var refusal = await ReserveAsync(call);
        Assert.Equal((503, "ledger_unavailable"), (refusal!.Status, refusal.Code));
        Assert.Null(call.Reservation);
        Assert.Equal(PicoUsd.Zero, (await _host.Counter.ReadAsync(scope, TestContext.Current.CancellationToken)).Reserved);
    }

    private ValueTask<Refusal?> ReserveAsync(CallContext call) => _host.Get<ReservationStage>().ReserveAsync(call);

    private CallContext Call(Caller caller, long outputLimit)
    {
        var price = new Price { Input = 0, Output = 1 };
        var provider = new Provider
        {
            Name = "openai",
            Dialect = Dialect.OpenAi,
            BaseUrl = new Uri("https://api.openai.com"),
            TelemetryName = "openai"
        };
        return new CallContext(new DefaultHttpContext(), provider, "/v1/chat/completions", _host.Clock.GetUtcNow())
        {
            Caller = caller,
            Endpoint = new ProviderEndpoint(ChatCompletionsApi.Instance, "POST", "chat"),
            Body = new CallBody { Model = "m", OutputLimit = outputLimit, InputTokensAtMost = 0 },
            Price = new PricedModel(price, price, "test", null, null),
        };
    }
}
