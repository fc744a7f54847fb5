using System.Net;
using System.Text.Json.Nodes;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>Several targets of a route: who is asked, and what becomes of the money.</summary>
public sealed class TargetTests(PostgresFixture postgres) : TargetTest(postgres)
{
    [Theory]
    [InlineData(401)]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Target_in_trouble_is_passed_over_and_nothing_of_its_answer_reaches_the_caller(int status)
    {
        Answering["a"] = Status(status);
        await RouteAsync("a b c");
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/r", Asked));

        Assert.Equal((HttpStatusCode.OK, Answers.Chat(1000, 500)), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.False(response.Headers.Contains("x-of-whom"));
        Assert.Equal("a b", AskedProviders);
        Assert.Equal($"a {(status == 401 ? 502 : status)} free, b 200 charged", await EntriesAsync());
        Assert.Equal(Cost, await Gateway.SpentAsync());
        Assert.Single((await LedgerRowsAsync()).Select(row => row.TraceId).Distinct(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(422)]
    public async Task What_is_the_requests_own_doing_is_not_asked_again(int status)
    {
        Answering["a"] = Status(status);
        await RouteAsync("a b");
        var (seen, text, attempts) = await CallAsync();

        Assert.Equal(((HttpStatusCode)status, "a", null), (seen, AskedProviders, attempts));
        Assert.Contains("no, says a", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Last_target_says_what_the_caller_sees()
    {
        (Answering["a"], Answering["b"], Answering["c"]) = (Status(500), Status(429), Status(503, "7"));
        await RouteAsync("a b c");
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/r", Asked));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "7", "3"),
            (response.StatusCode, response.Headers.GetValues("Retry-After").Single(), response.Headers.GetValues("x-aipipe-attempts")
            .Single()));
        Assert.Equal("""{"error":{"message":"no, says c"}}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("a 500 free, b 429 free, c 503 free", await EntriesAsync());
        Assert.Equal(0, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Target_that_is_not_there_or_does_not_begin_in_time_is_passed_over()
    {
        var mayAnswer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Answering["a"] = async http =>
        {
            Clock.Ring();
            await mayAnswer.Task;
            await Answers.Json(http, Answers.Chat(1000, 700));
        };
        await RouteAsync("dead a b", route => route["Timeout"] = Hurry);

        Assert.Equal((HttpStatusCode.OK, "3"), (await CallAsync() is var call ? (call.Status, call.Attempts) : default));
        // The one that was too slow works on, and bills what it has done.
        Assert.True((await Gateway.GetJsonAsync("/usage")).GetProperty("held").GetDecimal() > 0);
        mayAnswer.SetResult();
        await Eventually.TrueAsync(
            async () => await EntriesAsync() == "dead 502 free, a 504 charged, b 200 charged", "the three attempts being written down");
        var rows = await LedgerRowsAsync();
        Assert.Equal(rows.Sum(row => row.Cost), await Gateway.SpentAsync());
        Assert.Equal(0.0024m, rows[1].Cost);
    }

    [Fact]
    public async Task Target_that_takes_no_request_costs_nothing()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        // It takes the connection and never says hello.
        await RouteAsync("a b", route =>
        {
            (route["Timeout"], route["Retries"]) = (200, 0);
            route["Targets"]![0]!["Endpoint"] = $"https://{listener.LocalEndpoint}";
        });
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await CallAsync()).Status);
        Assert.Equal("a 504 free", await EntriesAsync());
    }

    [Fact]
    public async Task Only_what_was_chosen_is_asked_again()
    {
        (Answering["a"], Answering["b"]) = (Status(400), Status(500));
        await RouteAsync("a b c", route => route["FallbackOn"] = new JsonArray(400));

        Assert.Equal(HttpStatusCode.InternalServerError, (await CallAsync()).Status);
        Assert.Equal("a b", AskedProviders);
    }

    [Fact]
    public async Task Single_target_is_retried_as_often_as_was_said()
    {
        var asked = 0;
        Answering["a"] = http => Interlocked.Increment(ref asked) < 3 ? Status(503)(http) : Answers.Json(http, Answers.Chat(1000, 500));
        await RouteAsync("a", route => route["Retries"] = 2);

        Assert.Equal((HttpStatusCode.OK, "3"), (await CallAsync() is var call ? (call.Status, call.Attempts) : default));
        Assert.Equal("a 503 free, a 503 free, a 200 charged", await EntriesAsync());
    }

    [Fact]
    public async Task Answer_that_has_begun_is_the_callers_even_when_it_breaks_off()
    {
        var begun = new TaskCompletionSource();
        Answering["a"] = async http =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("Hel"));
            await begun.Task;
            http.Abort();
        };
        await RouteAsync("a b", route => route["Options"] = new JsonObject { ["stream"] = true });
        using var request = Gateway.Post("/r", Asked);
        using var response = await Gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        begun.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(async () => await EntriesAsync() != "", "it is written down");
        Assert.Equal("a 200 estimated", await EntriesAsync());
        Assert.Equal("a", AskedProviders);
    }

    [Fact]
    public async Task Each_target_gets_its_own_model_options_and_key_and_the_same_words()
    {
        Answering["a"] = Status(500);
        await RouteAsync("a b", route =>
        {
            route["Options"] = new JsonObject { ["max_tokens"] = 9 };
            route["Targets"]![1]!["Options"] = new JsonObject { ["max_tokens"] = 77, ["temperature"] = 0.5 };
            route["Targets"]![0]!["Header"] = new JsonObject { ["x-key"] = "s3cret" };
        });
        Assert.Equal(HttpStatusCode.OK, (await CallAsync()).Status);

        var (a, b) = (Provider.Seen.First(), Provider.Seen.Last());
        const string Words = """ "messages":[{"role":"user","content":"What is 1+1?"}]} """;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"model":"m","max_tokens":9,""" + Words), JsonNode.Parse(a.Text)), a.Text);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"model":"m","max_tokens":77,"temperature":0.5,""" + Words), JsonNode.Parse(b.Text)), b.Text);
        Assert.Equal(("s3cret", "Bearer key-of-b"), (a.Headers["x-key"], b.Headers["Authorization"]));
        Assert.DoesNotContain("x-key", b.Headers.Keys);
        Assert.DoesNotContain("Authorization", a.Headers.Keys);
    }

    [Fact]
    public async Task Budget_for_one_call_is_held_once_at_a_time_and_pays_for_the_second()
    {
        // Of 256 tokens at 2 USD a million and a short question the worst case is 0.0006: beside another one it would be fitted to what is
        // left.
        Answering["a"] = Status(500);
        await RouteAsync("a b");
        await Gateway.ChangeBudgetAsync(0.0008m);
        Answering["b"] = http => Answers.Json(http, Answers.Chat(10, 20));

        Assert.Equal((HttpStatusCode.OK, "2"), (await CallAsync() is var call ? (call.Status, call.Attempts) : default));
        Assert.All(Provider.Seen, seen => Assert.Contains("\"max_tokens\":256", seen.Text, StringComparison.Ordinal));
        Assert.Equal(0.00005m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Second_attempt_that_the_budget_does_not_pay_is_not_made()
    {
        Answering["a"] = Status(500);
        await RouteAsync("a b", route =>
            route["Targets"]![1]!["Options"] = new JsonObject { ["input_cost"] = 100_000, ["output_cost"] = 100_000 });

        Assert.Equal((HttpStatusCode.TooManyRequests, "a"), ((await CallAsync()).Status, AskedProviders));
        Assert.Equal("a 500 free", await EntriesAsync());
    }

    [Fact]
    public async Task Many_at_once_never_spend_more_than_there_is()
    {
        // Every second one fails; what the others cost is known, and the budget is good for ten. The limit is stated: a fitted one would be
        // below the 256 tokens of this provider, which ignores limits.
        const string limited = """{"messages":[{"role":"user","content":"What is 1+1?"}],"max_tokens":256}""";
        var asked = 0;
        Answering["a"] = http => Interlocked.Increment(ref asked) % 2 == 0 ? Status(503)(http) : Answers.Json(http, Answers.Chat(10, 256));
        Answering["b"] = http => Answers.Json(http, Answers.Chat(10, 256));
        await RouteAsync("a b");
        await Gateway.ChangeBudgetAsync(0.00522m);
        var calls = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => CallAsync(body: limited)));

        var good = calls.Count(call => call.Status == HttpStatusCode.OK);
        await Gateway.FlushAsync();
        var rows = await LedgerRowsAsync();
        Assert.InRange(good, 1, 10);
        Assert.Equal((good, good * 0.000522m), (rows.Count(row => row.Cost > 0), rows.Sum(row => row.Cost)));
        Assert.Equal(good * 0.000522m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Caller_who_leaves_during_the_second_attempt_ends_it_all()
    {
        var (arrived, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        Answering["a"] = Status(500);
        Answering["b"] = async http =>
        {
            arrived.SetResult();
            await left.Task;
            await Answers.Json(http, Answers.Chat(1000, 500));
        };
        await RouteAsync("a b c");
        using var leaving = new CancellationTokenSource();
        using var request = Gateway.Post("/r", Asked);
        var call = Gateway.Http.SendAsync(request, leaving.Token);
        await arrived.Task.WaitAsync(Eventually.Limit);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Gateway.DetachedAsync();
        left.SetResult();
        await Eventually.TrueAsync(async () => await EntriesAsync() == "a 500 free, b 499 charged", "both attempts are written down");
        Assert.Equal("a b", AskedProviders);
    }

    [Fact]
    public async Task Callers_of_a_session_stay_with_their_target_and_sessions_are_spread()
    {
        await RouteAsync("a b c", route =>
        {
            route["Sticky"] = "X-Session";
            foreach (var target in route["Targets"]!.AsArray()) target!["Priority"] = 0;
        });
        for (var i = 0; i < 24; i++) await CallAsync(session: $"s{i % 12}");

        var asked = AskedProviders.Split(' ');
        Assert.Equal(asked[..12], asked[12..]);
        Assert.Equal(3, asked.Distinct(StringComparer.Ordinal).Count());
        // While it is in trouble, somebody else has its sessions.
        Answering[asked[0]] = Status(503);
        Assert.Equal((HttpStatusCode.OK, "2"), (await CallAsync(session: "s0") is var call ? (call.Status, call.Attempts) : default));
    }

    [Fact]
    public async Task Target_whose_keys_may_do_no_more_this_minute_is_passed_over()
    {
        await Gateway.ChangeAsync(
            new { path = SettingsClient.Path("RateLimits", "Keys"), value = new { a = new { RequestsPerMinute = 1 } } });
        await RouteAsync("a b");
        await CallAsync();
        Assert.Equal((HttpStatusCode.OK, "2", "a b"),
            (await CallAsync() is var (status, _, attempts) ? (status, attempts, AskedProviders) : default));
        Assert.Equal("a 200 charged, a 429 free, b 200 charged", await EntriesAsync());
    }

    [Fact]
    public async Task Provider_without_a_key_is_not_asked_while_another_has_one()
    {
        await RouteAsync("mistral groq b");
        Assert.Equal((HttpStatusCode.OK, "b"), ((await CallAsync()).Status, AskedProviders));
        await RouteAsync("groq");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "b"), ((await CallAsync()).Status, AskedProviders));
    }
}
