using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.Embeddings;
using AiPipe.Proxy.Apis.Gemini;
using AiPipe.Proxy.Apis.Responses;
using AiPipe.Proxy.Metering;

namespace AiPipe.Tests.Apis.ResponseBody;

/// <summary>Usage reports in every shape that providers and the gateways before them use, for every API.</summary>
public class ReportShapesTests
{
    private const string Chat = nameof(ChatCompletionsApi);
    private const string Responses = nameof(ResponsesApi);
    private const string Gemini = nameof(GeminiGenerateApi);

    [Theory]
    // Moonshot, Groq, Cloudflare, and a gateway's envelope.
    [InlineData(Chat, """{"choices":[{"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":30,"completion_tokens":5}}]}""")]
    [InlineData(Chat, """{"choices":[],"x_groq":{"id":"req_1","usage":{"queue_time":0.1,"prompt_tokens":30,"completion_tokens":5}}}""")]
    [InlineData(Chat, """{"result":{"response":"Hi","usage":{"prompt_tokens":30,"completion_tokens":5}},"success":true,"errors":[]}""")]
    [InlineData(Chat, """{"response":{"choices":[{"delta":{"content":"Hi"}}],"usage":{"prompt_tokens":30,"completion_tokens":5}}}""")]
    // One API's names in another's events.
    [InlineData(Chat, """{"usage":{"input_tokens":30,"output_tokens":5}}""")]
    [InlineData(Chat, """{"usageMetadata":{"promptTokenCount":30,"candidatesTokenCount":5}}""")]
    [InlineData(Chat, """{"usage":{"promptTokens":30,"completionTokens":5}}""")]
    [InlineData(Responses, """{"object":"response.completed","usage":{"prompt_tokens":30,"completion_tokens":5}}""")]
    [InlineData(Responses, """{"type":"response.completed","response":{"usage":{"prompt_tokens":30,"completion_tokens":5}}}""")]
    [InlineData(Responses, """{"choices":[{"usage":{"prompt_tokens":30,"completion_tokens":5}}]}""")]
    [InlineData(Gemini, """{"response":{"candidates":[{}],"usageMetadata":{"promptTokenCount":30,"candidatesTokenCount":5}}}""")]
    [InlineData(Gemini, """{"usageMetadata":{"prompt_tokens":30,"completion_tokens":5}}""")]
    [InlineData(Gemini, """{"usage":{"prompt_tokens":30,"completion_tokens":5}}""")]
    [InlineData(Gemini, """{"usage_metadata":{"prompt_token_count":30,"candidates_token_count":5}}""")]
    // Any JSON number.
    [InlineData(Chat, """{"usage":{"prompt_tokens":30.0,"completion_tokens":5.000}}""")]
    [InlineData(Chat, """{"usage":{"prompt_tokens":3e1,"completion_tokens":0.5E+1}}""")]
    [InlineData(Gemini, """{"usageMetadata":{"promptTokenCount":29.5,"candidatesTokenCount":4.1}}""")]
    // A total that reveals reasoning, as at Google's OpenAI endpoint.
    [InlineData(Chat, """{"usage":{"prompt_tokens":30,"completion_tokens":2,"total_tokens":35}}""")]
    [InlineData(Chat, """{"usage":{"prompt_tokens":30,"total_tokens":35}}""")]
    public void Report_is_read(string api, string json) => Reports(api, new() { Input = 30, Output = 5 }, json);

    [Theory]
    [InlineData("""{"prompt_tokens":30,"completion_tokens":5,"cached_tokens":10}""")]
    [InlineData("""{"prompt_tokens":30,"completion_tokens":5,"input_tokens_details":{"cached_tokens":10}}""")]
    [InlineData("""{"input_tokens":30,"output_tokens":5,"input_token_details":{"cached_tokens":10.0}}""")]
    [InlineData("""{"input_tokens":20,"output_tokens":5,"cache_read_input_tokens":10}""")]
    [InlineData("""{"prompt_tokens":30,"completion_tokens":5,"cache_read_input_tokens":10}""")]
    public void Cached_tokens_are_read(string usage)
    {
        var expected = new TokenUsage { Input = 30, CacheRead = 10, Output = 5 };
        Reports(Chat, expected, $$"""{"usage":{{usage}}}""");
        Reports(Chat, expected, $$"""{"x_groq":{"usage":{{usage}} } }""");
        Reports(Responses, expected with { WebSearches = 0 }, $$"""{"response":{"usage":{{usage}} } }""");
        Reports(Gemini, expected, $$"""{"usageMetadata":{{usage}}}""");
    }

    [Fact]
    public void Embeddings_have_reports_of_other_shapes() =>
        Reports(nameof(EmbeddingsApi), new() { Input = 30, Output = 0 }, """{"data":[],"usage":{"input_tokens":30.0}}""");

    [Theory]
    [InlineData("""{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}""", 1000, 500)]
    [InlineData("""{"prompt_tokens":0,"completion_tokens":0,"cost":0}""", 1000, 500)]
    [InlineData("""{"total_tokens":0}""", 1000, 500)]
    [InlineData("""{"prompt_tokens":1000,"completion_tokens":0}""", 1000, 500)]
    [InlineData("""{"prompt_tokens":1000}""", 1000, 500)]
    [InlineData("""{"prompt_tokens":0,"completion_tokens":600}""", 1000, 600)]
    [InlineData("""{"prompt_tokens":1100,"completion_tokens":600}""", 1100, 600)]
    public void Zero_does_not_take_back_an_earlier_report(string later, long input, long output)
    {
        var known = Answer.Read(ChatCompletionsApi.Instance, Answer.Sse, $$"""
            data: {"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":500} }

            data: {"choices":[],"usage":{{later}} }


            """);
        Assert.Equal(new TokenUsage { Input = input, Output = output }, known.Usage! with { ReportedCost = null });
    }

    [Theory]
    [InlineData(Chat, """{"error":{"message":"overloaded"}}""", true)]
    [InlineData(Chat, """{"error":"overloaded"}""", true)]
    [InlineData(Chat, """{"error":true,"message":"overloaded"}""", true)]
    [InlineData(Chat, """[{"error":{"code":429,"message":"quota"}}]""", true)]
    [InlineData(Chat, """{"object":"error","message":"too long"}""", true)]
    [InlineData(Chat, """{"type":"error","error":{"type":"overloaded_error"}}""", true)]
    [InlineData(Chat, """{"choices":[{"delta":{"content":""},"finish_reason":"error"}]}""", true)]
    [InlineData(Chat, """{"choices":[{"error":{"code":502}}]}""", true)]
    [InlineData(Chat, """{"result":null,"success":false,"errors":[{"code":5,"message":"no"}]}""", true)]
    [InlineData(Responses, """{"type":"error","code":"server_error","message":"sorry"}""", true)]
    [InlineData(Responses, """{"type":"response.failed","response":{"status":"failed","error":{"code":"x"},"usage":null}}""", true)]
    [InlineData(Responses, """{"id":"resp_1","status":"failed","error":null}""", true)]
    [InlineData(Gemini, """{"error":{"code":503,"status":"UNAVAILABLE"}}""", true)]
    [InlineData(Gemini, """[{"error":{"code":503,"status":"UNAVAILABLE"}}]""", true)]
    [InlineData(Gemini, """{"response":{"error":{"code":503}}}""", true)]
    [InlineData(Chat, """{"error":null,"errors":[],"choices":[{"error":null,"finish_reason":"stop"}]}""", false)]
    [InlineData(Chat, """{"error":"","choices":[{"message":{"error":{"message":"of a tool"}}}]}""", false)]
    [InlineData(Responses, """{"type":"response.completed","response":{"status":"completed","error":null}}""", false)]
    [InlineData(Responses, """{"type":"response.output_item.done","item":{"type":"mcp_call","error":{"code":1}}}""", false)]
    [InlineData(Gemini, """{"candidates":[{"content":{"parts":[{"functionCall":{"args":{"error":{"code":1}}}}]}}]}""", false)]
    public void Error_of_any_shape_is_seen(string api, string json, bool isError)
    {
        Assert.Equal(isError, Answer.Read(WireApis.Named(api), Answer.Json, json).SawError);
        Assert.Equal(isError, Answer.ReadEvent(WireApis.Named(api), json).SawError);
    }

    [Theory]
    [InlineData("event: error\ndata: {\"message\":\"overloaded\"}\n\n", true)]
    [InlineData("data: {\"message\":\"overloaded\"}\r\nevent:error\r\n\r\n", true)]
    [InlineData("event: message\ndata: {}\n\nevent: error\ndata: sorry\n\n", true)]
    [InlineData("event: errors\ndata: {}\n\n", false)]
    [InlineData("event: err\nevent: or\ndata: {}\n\n", false)]
    [InlineData("error: event\nevent\ndata: event: error\n\n", false)]
    public void Event_named_error_is_one(string stream, bool isError)
    {
        Assert.Equal(isError, Answer.Read(ChatCompletionsApi.Instance, Answer.Sse, stream).SawError);
        var bytes = Answer.ByteByByte(System.Text.Encoding.UTF8.GetBytes(stream));
        Assert.Equal(isError, Answer.Read(ChatCompletionsApi.Instance, Answer.Sse, bytes).SawError);
    }

    private static void Reports(string api, TokenUsage expected, string json)
    {
        if (api == Responses) expected = expected with { WebSearches = 0 };
        Assert.Equal(expected, Answer.Read(WireApis.Named(api), Answer.Json, json).Usage);
        Assert.Equal(expected, Answer.ReadEvent(WireApis.Named(api), json).Usage);
        Assert.Equal(expected, Answer.Read(
            WireApis.Named(api), Answer.Json, Answer.ByteByByte(System.Text.Encoding.UTF8.GetBytes(json))).Usage);
    }
}
