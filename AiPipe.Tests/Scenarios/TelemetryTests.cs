using System.Collections.Concurrent;
using System.Diagnostics;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>What a trace shows of a call.</summary>
public sealed class TelemetryTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    [Fact]
    public async Task Upstream_call_has_a_client_span_with_usage_and_cost()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "AiPipe",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var response = await Gateway.Http.SendAsync(Gateway.Post(
            "/openai/v1/chat/completions", """{"model":"gpt-4o-mini","max_tokens":700,"messages":[{"role":"user","content":"private words"}]}"""));
        await response.Content.ReadAsStringAsync();
        var trace = response.Headers.GetValues("x-trace-id").Single();

        var span = await EventuallyAsync(() => spans.SingleOrDefault(span => span.TraceId.ToString() == trace));
        Assert.Equal("chat gpt-4o-mini", span.DisplayName);
        Assert.Equal(ActivityKind.Client, span.Kind);
        var tags = span.TagObjects.ToDictionary(tag => tag.Key, tag => tag.Value);
        Assert.Equal("openai", tags["gen_ai.provider.name"]);
        Assert.Equal("chat", tags["gen_ai.operation.name"]);
        Assert.Equal("gpt-4o-mini", tags["gen_ai.request.model"]);
        Assert.Equal(700L, tags["gen_ai.request.max_tokens"]);
        Assert.Equal("gpt-4o-mini-2024-07-18", tags["gen_ai.response.model"]);
        Assert.Equal("chatcmpl-1", tags["gen_ai.response.id"]);
        Assert.Equal(1000L, tags["gen_ai.usage.input_tokens"]);
        Assert.Equal(500L, tags["gen_ai.usage.output_tokens"]);
        Assert.Equal(0.00045, tags["aipipe.cost.usd"]);
        Assert.Equal("127.0.0.1", tags["server.address"]);
        Assert.DoesNotContain(tags.Values, value => value?.ToString()?.Contains("private", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(tags.Values, value => value?.ToString()?.Contains("ann@", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task No_span_holds_a_token_that_came_in_the_query()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "AiPipe" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var token = Gateway.Token();
        using var response = await Gateway.Http.GetAsync($"/gemini/models?key={token}");
        var trace = response.Headers.GetValues("x-trace-id").Single();

        var server = await EventuallyAsync(() => spans.SingleOrDefault(span => span.TraceId.ToString() == trace && span.Kind == ActivityKind.Server));
        Assert.Equal("/gemini/models", server.GetTagItem("url.path"));
        foreach (var span in spans.Where(span => span.TraceId.ToString() == trace))
            Assert.DoesNotContain(span.TagObjects, tag => tag.Value?.ToString()?.Contains(token, StringComparison.Ordinal) == true);
    }

    /// <summary>The span ends with the request, a moment after its last byte: asked until it is there.</summary>
    private static async Task<T> EventuallyAsync<T>(Func<T?> find) where T : class
    {
        T? found = null;
        await Eventually.TrueAsync(() => (found = find()) is not null, "the span's end");
        return found!;
    }
}
