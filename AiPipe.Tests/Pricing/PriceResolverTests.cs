using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pipeline;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiPipe.Tests.Pricing;

public sealed class PriceResolverTests : IAsyncLifetime
{
    private static readonly ProviderEndpoint Chat = new(ChatCompletionsApi.Instance, "chat");

    private readonly ManualTime _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    private readonly ChargedModels _charged = new();
    private FakeProvider _openRouter = null!;
    private PriceResolver _book = null!;

    public async ValueTask InitializeAsync()
    {
        _openRouter = await FakeProvider.StartAsync();
        _openRouter.Answer = (http, _) => List(http, Model("a/one", "0.00000015", "6e-7"));
        _book = Book();
    }

    public async ValueTask DisposeAsync()
    {
        _book.Dispose();
        await _openRouter.DisposeAsync();
    }

    [Fact]
    public async Task Own_keys_and_free_endpoints_are_not_priced()
    {
        var own = Call(Known("openai"), "no-such-model", new Caller.Byok("sk-x"));
        Assert.Null(await new PriceStage(_book, _charged).PriceAsync(own));
        var free = Call(Known("openai"), "no-such-model");
        free.Endpoint = ProviderEndpoint.Unchecked;
        Assert.Null(await new PriceStage(_book, _charged).PriceAsync(free));
        Assert.Null(own.Price ?? free.Price);
    }

    [Fact]
    public async Task A_model_that_nobody_priced_is_refused()
    {
        var refusal = await new PriceStage(_book, _charged).PriceAsync(Call(Known("openai"), "gpt-77"));
        Assert.Equal((400, "model_price_unknown", "Model gpt-77 pricing unknown"), (refusal!.Status, refusal.Code, refusal.Message));
    }

    [Fact]
    public async Task A_configured_provider_is_priced_by_its_admin_only()
    {
        // The tables have its prices, but it is not a built-in provider.
        var minimax = Known("openai") with { Name = "minimax" };
        Assert.NotNull(await new PriceStage(_book, _charged).PriceAsync(Call(minimax, "MiniMax-M2")));
        using var book = Book(("minimax:MiniMax-M2:Input", "1"), ("minimax:MiniMax-M2:Output", "1"));
        Assert.Null(await new PriceStage(book, _charged).PriceAsync(Call(minimax, "MiniMax-M2")));
    }

    [Fact]
    public async Task The_providers_own_list_prices_its_models()
    {
        _openRouter.Answer = (http, _) => List(http,
            """{"id":"a/one","context_length":8000,"pricing":{"prompt":"0.000001","completion":"0.000002","request":"0.01","web_search":"0.02","input_cache_read":"0.0000001","audio":"x"},"top_provider":{"max_completion_tokens":4000}}""",
            Model("a/one:free", "0", "0"), Model("openrouter/auto", "-1", "-1"), Model("a/broken", "many", "0"));
        var one = await PriceAsync("a/one");
        Assert.Equal((1m, 2m, 0.1m), (one!.Settle.Input, one.Settle.Output, one.Settle.CacheRead));
        Assert.Equal((0.01m, 0.02m, null), (one.Settle.Request, one.Settle.WebSearch, one.Settle.AudioInput));
        Assert.Equal((4000L, 8000L, "openrouter 2026-11-21"), (one.MaxOutputTokens, one.ContextTokens, one.Version));
        Assert.True((await PriceAsync("a/one:free"))!.Settle.IsFree);
        Assert.Null(await PriceAsync("openrouter/auto"));
        Assert.Null(await PriceAsync("a/broken"));
        Assert.Equal("/api/v1/models", Assert.Single(_openRouter.Seen).Target);
        Assert.DoesNotContain("Authorization", _openRouter.Seen.Single().Headers.Keys);
    }

    [Fact]
    public async Task A_missing_model_is_asked_for_again_but_at_most_once_a_minute()
    {
        Assert.NotNull(await PriceAsync("a/one"));
        _openRouter.Answer = (http, _) => List(http, Model("a/one", "0.1", "0.1"), Model("a/two", "0.000001", "0.000001"));
        Assert.Null(await PriceAsync("a/two"));
        _time.Now += ProviderPriceList.Interval;
        Assert.NotNull(await PriceAsync("a/two"));
        Assert.Null(await PriceAsync("a/three"));
        Assert.Equal(2, _openRouter.Seen.Count);
    }

    [Fact]
    public async Task A_list_is_an_hour_old_at_most()
    {
        Assert.Equal(0.15m, (await PriceAsync("a/one"))!.Reserve.Input);
        _openRouter.Answer = (http, _) => List(http, Model("a/one", "0.000001", "0.000002"));
        _time.Now += ProviderPriceList.MaxAge - TimeSpan.FromSeconds(1);
        Assert.Equal(0.15m, (await PriceAsync("a/one"))!.Reserve.Input);
        _time.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(1m, (await PriceAsync("a/one"))!.Reserve.Input);
        Assert.Equal(2, _openRouter.Seen.Count);

        // A list that cannot be fetched stays in use, and is asked for once a minute.
        _openRouter.Answer = (http, _) => http.Response.WriteAsync("no JSON");
        _time.Now += ProviderPriceList.MaxAge;
        Assert.Equal(1m, (await PriceAsync("a/one"))!.Reserve.Input);
        Assert.Equal(1m, (await PriceAsync("a/one"))!.Reserve.Input);
        Assert.Equal(3, _openRouter.Seen.Count);
    }

    [Fact]
    public async Task The_providers_own_list_goes_before_the_table()
    {
        _openRouter.Answer = (http, _) => List(http, Model("openai/gpt-4o-mini", "0.000009", "0.000009"));
        var price = (await PriceAsync("openai/gpt-4o-mini"))!;
        Assert.Equal((9m, 9m), (price.Reserve.Input, price.Settle.Output));
    }

    [Fact]
    public async Task A_free_model_that_was_charged_is_not_free()
    {
        _openRouter.Answer = (http, _) => List(http, Model("a/one:free", "0", "0"), Model("a/two:free", "0", "0"));
        var free = (await PriceAsync("a/one:free"))!;
        _charged.Note("openrouter", "a/one:free", free, new TokenUsage { Input = 900, Output = 100 }, PicoUsd.Zero);
        Assert.True((await PriceAsync("a/one:free"))!.Reserve.IsFree);
        _charged.Note("openrouter", "a/one:free", free, new TokenUsage { Input = 900, Output = 100 }, PicoUsd.FromUsd(0.02m));
        Assert.Equal((20m, 20m), ((await PriceAsync("a/one:free"))!.Reserve.Input, (await PriceAsync("a/one:free"))!.Reserve.Output));
        Assert.True((await PriceAsync("a/two:free"))!.Reserve.IsFree);
        // The dearest call counts.
        _charged.Note("openrouter", "a/one:free", (await PriceAsync("a/one:free"))!, usage: null, PicoUsd.FromUsd(0.0001m));
        Assert.Equal(100m, (await PriceAsync("a/one:free"))!.Reserve.Input);
        // A price in the list ends this.
        _openRouter.Answer = (http, _) => List(http, Model("a/one:free", "0.000001", "0.000001"));
        _time.Now += ProviderPriceList.MaxAge;
        Assert.Equal(1m, (await PriceAsync("a/one:free"))!.Reserve.Input);
    }

    [Fact]
    public void What_an_admin_calls_free_stays_free()
    {
        var free = Prices.Table(("openrouter:a/one:Free", "true")).Find("openrouter", "a/one")!;
        _charged.Note("openrouter", "a/one", free, usage: null, PicoUsd.FromUsd(1));
        Assert.Same(free, _charged.Apply("openrouter", "a/one", free));
    }

    [Fact]
    public async Task Callers_at_once_share_one_fetch_and_no_other_provider_waits()
    {
        var gate = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        _openRouter.Answer = async (http, _) =>
        {
            arrived.TrySetResult();
            await gate.Task;
            await List(http, Model("a/one", "0.000001", "0.000001"));
        };
        var waiting = Enumerable.Range(0, 20).Select(_ => PriceAsync("a/one")).ToList();
        await arrived.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        Assert.True(new PriceStage(_book, _charged).PriceAsync(Call(Known("openai"), "gpt-4o-mini")).AsTask().IsCompletedSuccessfully);

        using var leaving = new CancellationTokenSource();
        var left = Call(OpenRouter, "a/one");
        left.Http.RequestAborted = leaving.Token;
        var gone = new PriceStage(_book, _charged).PriceAsync(left).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);

        gate.SetResult();
        Assert.All(await Task.WhenAll(waiting), Assert.NotNull);
        Assert.Single(_openRouter.Seen);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("{}")]
    [InlineData("{\"data\":[{\"id\":\"a/one\",\"pricing\":{\"prompt\":[1]}},{\"id\":\"a/two\",\"pricing\":7}]}")]
    public async Task A_failed_fetch_leaves_the_last_good_list(string answer)
    {
        Assert.NotNull(await PriceAsync("a/one"));
        _openRouter.Answer = (http, _) => http.Response.WriteAsync(answer);
        _time.Now += ProviderPriceList.Interval;
        Assert.Null(await PriceAsync("a/two"));
        Assert.NotNull(await PriceAsync("a/one"));
        Assert.Equal(2, _openRouter.Seen.Count);
    }

    [Fact]
    public async Task Without_any_list_the_embedded_table_answers()
    {
        _openRouter.Answer = (http, _) =>
        {
            http.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        Assert.Equal("genai-prices-v2", (await PriceAsync("openai/gpt-4o-mini"))!.Version);
    }

    [Fact]
    public async Task An_admins_price_needs_no_list()
    {
        using var book = Book(("openrouter:a/one:free:Free", "true"));
        var call = Call(OpenRouter, "a/one:free");
        Assert.Null(await new PriceStage(book, _charged).PriceAsync(call));
        Assert.Equal("override", call.Price!.Version);
        Assert.Empty(_openRouter.Seen);
    }

    private Provider OpenRouter => Known("openrouter") with { BaseUrl = new Uri(_openRouter.Address + "/api") };

    private static Provider Known(string name) => KnownProviders.All.Single(provider => provider.Name == name);

    private PriceResolver Book(params (string Key, string Value)[] overrides) =>
        new(Prices.Table(_time, overrides), _time, NullLogger<PriceResolver>.Instance);

    private async Task<PricedModel?> PriceAsync(string model)
    {
        var call = Call(OpenRouter, model);
        var refusal = await new PriceStage(_book, _charged).PriceAsync(call);
        Assert.Equal(call.Price is null, refusal is not null);
        return call.Price;
    }

    private static CallContext Call(Provider provider, string model, Caller? caller = null) =>
        new(new DefaultHttpContext(), provider, "/v1/chat/completions", DateTimeOffset.UnixEpoch)
        {
            Caller = caller ?? new Caller.User("ann@example.com", IsAdmin: false, Allowance: null),
            Endpoint = Chat,
            Body = new CallBody { Model = model },
        };

    private static string Model(string id, string prompt, string completion) =>
        $$$"""{"id":"{{{id}}}","pricing":{"prompt":"{{{prompt}}}","completion":"{{{completion}}}"}}""";

    private static Task List(HttpContext http, params string[] models) => http.Response.WriteAsync($$"""{"data":[{{string.Join(',', models)}}]}""");
}
