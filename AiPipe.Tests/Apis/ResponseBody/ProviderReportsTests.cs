using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.Gemini;
using AiPipe.Proxy.Apis.Responses;
using AiPipe.Proxy.Metering;

namespace AiPipe.Tests.Apis.ResponseBody;

/// <summary>What single providers say differently.</summary>
public class ProviderReportsTests
{
    [Fact]
    public void DeepSeek_reports_cache_hits_under_its_own_name() => Reports(
        new() { Input = 30, CacheRead = 10, Output = 5 },
        """{"prompt_tokens":30,"completion_tokens":5,"prompt_cache_hit_tokens":10,"prompt_cache_miss_tokens":20}""");

    [Fact]
    public void OpenAIs_name_for_cache_hits_wins_over_DeepSeeks() => Reports(
        new() { Input = 30, CacheRead = 8, Output = 5 },
        """{"prompt_tokens":30,"completion_tokens":5,"prompt_cache_hit_tokens":10,"prompt_tokens_details":{"cached_tokens":8}}""");

    [Fact]
    public void Reasoning_that_xAI_counts_beside_the_output_is_added() => Reports(
        new() { Input = 30, Output = 12, Reasoning = 7 },
        """{"prompt_tokens":30,"completion_tokens":5,"total_tokens":42,"completion_tokens_details":{"reasoning_tokens":7}}""");

    [Fact]
    public void Perplexity_reports_its_searches() => Reports(
        new() { Input = 30, Output = 5, WebSearches = 3 },
        """{"prompt_tokens":30,"completion_tokens":5,"num_search_queries":3}""");

    [Fact]
    public void OpenRouters_cost_with_our_key_behind_it_contains_what_that_key_paid() => Reports(
        new() { Input = 1, Output = 1, ReportedCost = 0.0105m },
        """{"prompt_tokens":1,"completion_tokens":1,"cost":5e-4,"is_byok":true,"cost_details":{"upstream_inference_cost":0.01}}""");

    [Fact]
    public void OpenRouters_cost_is_not_counted_twice() => Reports(
        new() { Input = 1, Output = 1, ReportedCost = 0.00001m },
        """{"prompt_tokens":1,"completion_tokens":1,"cost":1e-05,"is_byok":false,"cost_details":{"upstream_inference_cost":1e-05}}""");

    [Theory]
    [InlineData("""{"content":"ab"}""", 1, 2)]
    [InlineData("""{"content":""}""", 0, 0)]
    [InlineData("""{"content":null,"refusal":"no"}""", 1, 2)]
    [InlineData("""{"reasoning_content":"hm","content":null}""", 1, 2)]
    [InlineData("""{"reasoning":"hm"}""", 1, 2)]
    [InlineData("""{"function_call":{"arguments":"{}"}}""", 1, 2)]
    [InlineData("""{"tool_calls":[{"function":{"arguments":"{}"}},{"function":{"arguments":"[]"}}]}""", 1, 4)]
    [InlineData("""{"content":[{"type":"text","text":"ab"},{"type":"thinking","thinking":[{"type":"text","text":"cd"}]}]}""", 1, 4)]
    public void Every_kind_of_chat_output_counts(string delta, long events, long bytes) => Assert.Equal(
        new OutputCount(events, bytes, (bytes + 3) / 4),
        Answer.ReadEvent(ChatCompletionsApi.Instance, $$"""{"choices":[{"index":0,"delta":{{delta}}}]}""").Output);

    [Theory]
    [InlineData("response.completed", true)]
    [InlineData("response.incomplete", true)]
    [InlineData("response.failed", true)]
    [InlineData("response.in_progress", false)]
    public void Responses_end_with_their_last_event(string type, bool ends) =>
        Assert.Equal(ends, Answer.ReadEvent(ResponsesApi.Instance, $$"""{"response":{"usage":null},"type":"{{type}}"}""").SawEnd);

    [Fact]
    public void Responses_count_every_delta_and_not_its_repetition()
    {
        var known = Answer.Read(ResponsesApi.Instance, Answer.Sse, """
            data: {"type":"response.function_call_arguments.delta","delta":"{}"}

            data: {"type":"response.output_text.done","text":"twice"}

            data: {"type":"response.completed","response":{"output":[{"type":"message","content":[{"text":"twice"}]}]}}


            """);
        Assert.Equal(new OutputCount(1, 2, 1), known.Output);
    }

    [Theory]
    [InlineData("""{"candidates":[{"index":0,"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"totalTokenCount":3}}""")]
    [InlineData("""{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":1,"totalTokenCount":3}}""")]
    public void Gemini_stream_does_not_end_with_a_finish_reason_and_its_last_report_applies(string first)
    {
        var stream = $"data: {first}\n\ndata: {first.Replace(":3}", ":9}", StringComparison.Ordinal)}\n\n";
        var known = Answer.Read(GeminiGenerateApi.Instance, Answer.Sse, stream);
        Assert.False(known.SawEnd);
        Assert.Equal(new TokenUsage { Input = 1, Output = 8 }, known.Usage);
    }

    [Fact]
    public void Gemini_that_answers_nothing_says_so_by_its_total()
    {
        var known = Answer.ReadEvent(GeminiGenerateApi.Instance,
            """{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9}}""");
        Assert.Equal(new TokenUsage { Input = 9, Output = 0 }, known.Usage);
    }

    [Fact]
    public void Gemini_embedding_without_a_report_has_none() =>
        Assert.Null(Answer.Read(GeminiEmbedApi.Instance, Answer.Json, """{"embedding":{"values":[0.1]}}""").Usage);

    [Fact]
    public void Escaped_names_are_unescaped() =>
        Assert.Equal("openai/gpt", Answer.Read(ChatCompletionsApi.Instance, Answer.Json, """{"model":"openai\/gpt"}""").Facts.Model);

    private static void Reports(TokenUsage expected, string usage)
    {
        Assert.Equal(expected, Answer.Read(ChatCompletionsApi.Instance, Answer.Json, $$"""{"usage":{{usage}}}""").Usage);
        Assert.Equal(expected, Answer.ReadEvent(ChatCompletionsApi.Instance, $$"""{"choices":[],"usage":{{usage}}}""").Usage);
    }
}
