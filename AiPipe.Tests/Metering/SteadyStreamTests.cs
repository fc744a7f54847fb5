using System.ClientModel.Primitives;
using System.Text;
using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.Gemini;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Apis.Responses;
using AiPipe.Tests.Apis;
using AiPipe.Tests.Apis.ResponseBody;
using OpenAI.Chat;

namespace AiPipe.Tests.Metering;

public class SteadyStreamTests
{
    private const int Rounds = 2_000;

    [Theory]
    [InlineData("chat.fixture.sse", "Hello", nameof(ChatCompletionsApi))]
    [InlineData("openrouter.fixture.sse", "Let me", nameof(ChatCompletionsApi))]
    [InlineData("responses.fixture.sse", "\"delta\"", nameof(ResponsesApi))]
    [InlineData("gemini.fixture.sse", "upon", nameof(GeminiGenerateApi))]
    public void Streamed_events_allocate_nothing(string fixture, string piece, string api) => AllocatesNothing(
        Encoding.UTF8.GetString(Answer.Fixture(fixture)).Split('\n').First(line => line.Contains(piece, StringComparison.Ordinal)), api);

    [Theory]
    [InlineData(nameof(ChatCompletionsApi),
        """{"choices":[{"delta":{"content":"Hi"},"usage":{"prompt_tokens":3e1,"completion_tokens":5.0}}]}""")]
    [InlineData(nameof(ChatCompletionsApi),
        """{"x_groq":{"usage":{"prompt_tokens":0}},"choices":[{"delta":{"content":"Hi"},"error":null}]}""")]
    [InlineData(nameof(GeminiGenerateApi),
        """{"response":{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}],"usage":{"promptTokenCount":9} } }""")]
    public void Events_of_other_shapes_allocate_nothing(string api, string json) => AllocatesNothing("data: " + json, api);

    private static void AllocatesNothing(string line, string api)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n\n");
        var reader = UsageReaders.For(WireApis.Named(api), Answer.Sse);
        reader.Read(bytes);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < Rounds; round++)
        {
            // In two parts, so that tokens are carried from one read to the next.
            reader.Read(bytes.AsSpan(0, round % bytes.Length));
            reader.Read(bytes.AsSpan(round % bytes.Length));
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(Rounds + 1, reader.Output.Events);
    }

    [Fact]
    public void OpenAIs_own_client_understands_a_stopped_stream()
    {
        var ending = Encoding.UTF8.GetString(ChatCompletionsApi.Instance.EndStream(
            isEventStream: true, new("chatcmpl-1", "gpt-4o-mini", null, null), DateTimeOffset.UnixEpoch).Span);
        var chunk = ending["data: ".Length..ending.IndexOf('\n', StringComparison.Ordinal)];
        var update = ModelReaderWriter.Read<StreamingChatCompletionUpdate>(BinaryData.FromString(chunk))!;
        Assert.Equal(ChatFinishReason.Length, update.FinishReason);
        Assert.Equal("chatcmpl-1", update.CompletionId);
    }
}
