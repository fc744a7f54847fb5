using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>Streams pass event by event, stop when the caller leaves, and end where their money ends.</summary>
public sealed class StreamingTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    private const string Request = """{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";

    protected override void Configure(Dictionary<string, string?> settings) =>
        settings.AddBudget("poor@example.com", 0.0001m, days: 1);

    [Fact]
    public async Task First_event_reaches_the_caller_before_the_provider_sends_its_second()
    {
        var firstArrived = new TaskCompletionSource();
        Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("first"));
            await firstArrived.Task;
            await Answers.Event(http, Answers.Chunk("second"));
            await Answers.Event(http, Answers.UsageChunk(10, 2));
            await Answers.Event(http, "[DONE]");
        };
        using var response = await Gateway.Http.SendAsync(
            Gateway.Post("/openai/v1/chat/completions", Request), HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.Contains("first", await lines.ReadLineAsync(), StringComparison.Ordinal);
        firstArrived.SetResult();
        Assert.Contains("second", await lines.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(",\"stream_options\":{\"include_usage\":false}", false)]
    [InlineData(",\"stream_options\":null", false)]
    [InlineData(",\"stream_options\":{\"include_usage\":true}", true)]
    public async Task Usage_event_reaches_only_the_caller_who_requested_it(string option, bool isSeen)
    {
        Provider.Answer = static (http, _) => Answers.ChatStream(http, 1000, 500, "x");
        using var response = await Gateway.Http.SendAsync(Gateway.Post(
            "/openai/v1/chat/completions", Request.Replace(",\"stream\":true", ",\"stream\":true" + option, StringComparison.Ordinal)));
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(isSeen, text.Contains("\"choices\":[]", StringComparison.Ordinal));
        Assert.Contains("data: [DONE]\n\n: cost=0.00045", text, StringComparison.Ordinal);
        Assert.Contains("\"include_usage\":true", Provider.Seen.Single().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(422, "Unrecognized request argument supplied: stream_options")]
    [InlineData(400, "body.stream_options: Extra inputs are not permitted")]
    public async Task Provider_that_rejects_the_request_for_usage_is_called_without_it(int status, string message)
    {
        Provider.Answer = (http, seen) => seen.Text.Contains("stream_options", StringComparison.Ordinal)
            ? Answers.Json(http, $$$"""{"error":{"message":"{{{message}}}"}}""", status)
            : Answers.ChatStream(http, 1000, 500, "x");
        foreach (var requests in (int[])[2, 1])
        {
            using var response = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", Request));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains("data: [DONE]\n\n: cost=0.00045", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            // Only the first call finds out.
            Assert.Equal(requests, Provider.Seen.Count);
            Provider.Seen.Clear();
        }
        Assert.Equal(2 * 0.00045m, await Gateway.SpentAsync());
    }

    [Theory]
    [InlineData(400, "The model does not exist.", "")]
    [InlineData(400, "stream_options is unknown", ",\"stream_options\":{\"include_usage\":true}")]
    public async Task Other_errors_of_a_stream_reach_the_caller(int status, string message, string option)
    {
        var error = $$$"""{"error":{"message":"{{{message}}}"}}""";
        Provider.Answer = (http, _) => Answers.Json(http, error, status);
        using var response = await Gateway.Http.SendAsync(Gateway.Post(
            "/openai/v1/chat/completions", Request.Replace(",\"stream\":true", ",\"stream\":true" + option, StringComparison.Ordinal)));
        Assert.Equal((status, error), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Single(Provider.Seen);
        Assert.Equal(0, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Cost_is_in_usage_before_the_last_event_arrives()
    {
        var mayEnd = new TaskCompletionSource();
        Provider.Answer = async (http, _) =>
        {
            await Answers.ChatStream(http, 1000, 500, "x");
            await mayEnd.Task;
        };
        using var response = await Gateway.Http.SendAsync(
            Gateway.Post("/openai/v1/chat/completions", Request), HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await lines.ReadLineAsync() != "data: [DONE]") { }

        Assert.Equal(0.00045m, await Gateway.SpentAsync());
        mayEnd.SetResult();
    }

    [Fact]
    public async Task Caller_who_leaves_cancels_the_upstream_call_and_pays_for_what_was_counted()
    {
        const int Sent = 20;
        var cancelled = new TaskCompletionSource();
        Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            for (var i = 0; i < Sent; i++) await Answers.Event(http, Answers.Chunk("word "));
            using var registration = http.RequestAborted.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        var response = await Gateway.Http.SendAsync(
            Gateway.Post("/openai/v1/chat/completions", Request), HttpCompletionOption.ResponseHeadersRead);
        using (response)
        {
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
            for (var i = 0; i < Sent; i++) await lines.ReadLineAsync();
        }

        // Not when the gateway loses patience with it, which takes it minutes.
        await cancelled.Task.WaitAsync(Eventually.Limit);
        var entry = await EventuallyOneEntryAsync();
        Assert.True(entry.Estimated);
        Assert.Equal(499, entry.Status);
        // At least the input and a few words; far less than the 16,384 tokens that the model could have answered.
        Assert.InRange(entry.Cost, 0.000005m, 0.0001m);
        Assert.Equal(0m, (await Gateway.GetJsonAsync("/usage")).GetProperty("held").GetDecimal());
    }

    [Fact]
    public async Task Stream_of_a_provider_that_ignores_the_limit_is_ended_cleanly_where_the_money_ends()
    {
        var cancelled = new TaskCompletionSource();
        Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            http.RequestAborted.Register(() => cancelled.TrySetResult());
            while (!http.RequestAborted.IsCancellationRequested) await Answers.Event(http, Answers.Chunk("on "));
        };
        using var response = await Gateway.Http.SendAsync(
            Gateway.Post("/openai/v1/chat/completions", Request, Gateway.Token("poor@example.com")));
        var text = await response.Content.ReadAsStringAsync();

        Assert.Contains("data: [DONE]\n\n: cost=", text, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"length\"", text, StringComparison.Ordinal);
        await cancelled.Task.WaitAsync(Eventually.Limit);
        var usage = await Gateway.GetJsonAsync("/usage", Gateway.Token("poor@example.com"));
        Assert.InRange(usage.GetProperty("cost").GetDecimal(), 0.00001m, 0.0001m);
        Assert.Equal(0m, usage.GetProperty("held").GetDecimal());
    }

    [Fact]
    public async Task Stream_of_several_answers_passes_whole_where_each_keeps_to_the_limit()
    {
        const int Limit = 20;
        Provider.Answer = (http, _) => Answers.ChatStream(http, 10, 3 * Limit, Enumerable.Repeat("word ", 3 * Limit).ToArray());
        const string Three = """{"model":"gpt-4o-mini","stream":true,"n":3,"max_tokens":20,"messages":[{"role":"user","content":"Hi"}]}""";
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", Three));
        var text = await response.Content.ReadAsStringAsync();

        Assert.DoesNotContain("\"finish_reason\":\"length\"", text, StringComparison.Ordinal);
        Assert.Equal(3 * Limit, text.Split("word ").Length - 1);
        Assert.Equal((10 * 0.15m + 3 * Limit * 0.6m) / 1_000_000, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Provider_that_dies_in_the_middle_is_charged_for_what_came_and_the_caller_sees_a_broken_answer()
    {
        var firstArrived = new TaskCompletionSource();
        Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("half"));
            await firstArrived.Task;
            http.Abort();
        };
        using var response = await Gateway.Http.SendAsync(
            Gateway.Post("/openai/v1/chat/completions", Request), HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        await lines.ReadLineAsync();
        firstArrived.SetResult();

        await Assert.ThrowsAnyAsync<IOException>(() => lines.ReadToEndAsync());
        var entry = await EventuallyOneEntryAsync();
        Assert.True(entry.Estimated);
        Assert.True(entry.Cost > 0);
    }

    /// <summary>A call that its caller left is settled a moment later; the ledger is asked until it is there.</summary>
    private async Task<LedgerRow> EventuallyOneEntryAsync()
    {
        List<LedgerRow> rows = [];
        await Eventually.TrueAsync(async () =>
        {
            await Gateway.FlushAsync();
            return (rows = await LedgerRowsAsync()).Count > 0;
        }, "the call written down");
        return Assert.Single(rows);
    }
}
