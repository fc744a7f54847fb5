using System.Text;
using System.Text.Json;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.Content;
using AiPipe.Proxy.Apis.Gemini;
using AiPipe.Proxy.Apis.Responses;
using AiPipe.Proxy.Calls.Telemetry.Content;
using AiPipe.Tests.Apis;

namespace AiPipe.Tests.Telemetry;

/// <summary>The messages that are captured from requests and responses, including tool calls and media.</summary>
public sealed class OutputCaptureTests
{
    private const string ToolCall =
        """[{"role":"assistant","parts":[{"type":"tool_call","id":"call_1","name":"weather","arguments":"{\"city\":\"Bern\"}"}],"""
        + "\"finish_reason\":\"tool_call\"}]";

    private const string FirstChunk = """{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}""";
    private const string LastChunk = """{"index":0,"function":{"arguments":"\"Bern\"}"}}""";

    private const string ToolStream = $$$"""
        data: {"choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{{{FirstChunk}}}]}}]}

        data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}}]}

        data: {"choices":[{"index":0,"delta":{"tool_calls":[{{{LastChunk}}}]},"finish_reason":"tool_calls"}]}

        data: [DONE]


        """;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Stream_is_read_however_its_bytes_are_split(int size)
    {
        var capture = new OutputCapture(new ChatCompletionsOutput());
        foreach (var piece in Encoding.UTF8.GetBytes(ToolStream.ReplaceLineEndings("\n")).Chunk(size)) capture.Read(piece);
        Assert.Equal(ToolCall, capture.ToJson());
    }

    [Fact]
    public void Stream_that_ends_early_is_captured_up_to_its_end()
    {
        var capture = new OutputCapture(new ResponsesOutput());
        capture.Read("data: {\"type\":\"response.created\",\"response\":{\"output\":[]}}\n\n"u8);
        capture.Read("data: {\"type\":\"response.output_text.delta\",\"output_index\":0,\"delta\":\"Hel\"}\n\ndata: {\"type\":\"respo"u8);
        Assert.Equal("""[{"role":"assistant","parts":[{"type":"text","content":"Hel"}]}]""", capture.ToJson());
    }

    [Theory]
    [InlineData(nameof(ChatCompletionsApi), """{"choices":[{"index":"x","message":{"content":7}}]}""")]
    [InlineData(nameof(ChatCompletionsApi), """{"choices":[{"message":{"content":"\ud800"}}]}""")]
    [InlineData(nameof(GeminiGenerateApi), """[{"candidates":[{"content":5}]}""")]
    [InlineData(nameof(ResponsesApi), "no JSON at all")]
    public void Response_that_cannot_be_parsed_is_not_captured(string api, string response)
    {
        var capture = new OutputCapture(WireApis.Named(api).CreateOutput()!);
        capture.Read(Encoding.UTF8.GetBytes(response));
        Assert.Null(capture.ToJson());
    }

    [Fact]
    public void Tool_calls_of_requests_and_the_type_of_media_are_captured()
    {
        var chat = """
            {"messages":[{"role":"system","content":"Be brief"},
            {"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:…"}}]},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"look","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c","content":"a cat"}]}
            """;
        Assert.Equal("""
            [{"role":"system","parts":[{"type":"text","content":"Be brief"}]},
            {"role":"user","parts":[{"type":"text","content":"What is this?"},{"type":"blob","modality":"image","content":""}]},
            {"role":"assistant","parts":[{"type":"tool_call","id":"c","name":"look","arguments":"{}"}]},
            {"role":"tool","parts":[{"type":"tool_call_response","id":"c","response":"a cat"}]}]
            """.ReplaceLineEndings(""), Input(ChatCompletionsApi.Instance, chat));
        var gemini = """
            {"contents":[{"role":"model","parts":[{"functionCall":{"name":"look","args":{"at":1}}}]},
            {"parts":[{"inlineData":{"mimeType":"audio/wav","data":"…"}}]}]}
            """;
        Assert.Equal("""
            [{"role":"assistant","parts":[{"type":"tool_call","name":"look","arguments":"{\"at\":1}"}]},
            {"role":"user","parts":[{"type":"blob","modality":"audio","content":""}]}]
            """.ReplaceLineEndings(""), Input(GeminiGenerateApi.Instance, gemini));
    }

    private static string Input(WireApi api, string body)
    {
        using var json = JsonDocument.Parse(body);
        return GenAiMessage.Serialize(api.ReadInput(json.RootElement).Messages);
    }
}
