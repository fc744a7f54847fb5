using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.Completions;
using AiPipe.Proxy.Apis.Gemini;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Apis.Responses;
using AiPipe.Proxy.Metering;
using AiPipe.Tests.Apis;
using AiPipe.Tests.Apis.ResponseBody;

namespace AiPipe.Tests.Metering;

public class MeteringStreamTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly Pipe _provider = new();
    private readonly List<string> _seen = [];
    private int _eventsLeft = int.MaxValue;
    private byte[] _comment = [];

    public static TheoryData<string, string> Streams { get; } = new()
    {
        { "chat.fixture.sse", nameof(ChatCompletionsApi) },
        { "completion.fixture.sse", nameof(CompletionsApi) },
        { "responses.fixture.sse", nameof(ResponsesApi) },
        { "gemini.fixture.sse", nameof(GeminiGenerateApi) },
        { "gemini-stream.fixture.json", nameof(GeminiGenerateApi) },
    };

    [Fact]
    public async Task Stream_is_settled_before_its_last_event_is_handed_on()
    {
        await using var answer = Open(ChatCompletionsApi.Instance, Answer.Sse);
        await Send("data: {}\n\n");
        Assert.Equal("data: {}\n\n", await Next(answer));
        Assert.Equal(["first byte", "spent?"], _seen);
        await Send("data: [DONE]\n\n");
        Assert.Equal("data: [DONE]\n\n", await Next(answer));
        Assert.Equal(["first byte", "spent?", "settled: complete"], _seen);
        await _provider.Writer.CompleteAsync();
        Assert.Equal("", await Next(answer));
        Assert.Equal(3, _seen.Count);
    }

    [Fact]
    public async Task Json_is_settled_before_its_last_bracket_is_handed_on()
    {
        await using var answer = Open(ChatCompletionsApi.Instance, Answer.Json);
        await Send("{\"usage\":{}");
        await Next(answer);
        Assert.Equal(["first byte"], _seen);
        await Send("}");
        await Next(answer);
        Assert.Equal(["first byte", "settled: complete"], _seen);
    }

    [Fact]
    public async Task Answer_of_known_length_is_settled_before_its_last_byte_is_handed_on()
    {
        await using var answer = Open(ChatCompletionsApi.Instance, Answer.Json, length: 4);
        await Send("oops");
        await Next(answer);
        Assert.Equal(["first byte", "settled: complete"], _seen);
    }

    [Theory]
    [InlineData(Answer.Sse, "data: {}\n\n", null)]
    [InlineData(Answer.Json, "{\"usage\":{}", null)]
    [InlineData(Answer.Json, "{", 2L)]
    [InlineData(Answer.Json, "", null)]
    public async Task Answer_that_ends_early_is_settled_as_incomplete(string mediaType, string sent, long? length)
    {
        await using var answer = Open(ChatCompletionsApi.Instance, mediaType, length);
        await Send(sent);
        await _provider.Writer.CompleteAsync();
        Assert.Equal(sent, await Rest(answer));
        Assert.Equal("settled: incomplete", _seen[^1]);
    }

    [Fact]
    public async Task Stream_without_a_closing_word_is_complete_with_its_report_and_reason()
    {
        await using var answer = Open(ChatCompletionsApi.Instance, Answer.Sse);
        await Send("""data: {"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}""" + "\n\n");
        await _provider.Writer.CompleteAsync();
        await Rest(answer);
        Assert.Equal(["first byte", "spent?", "settled: complete"], _seen);
    }

    [Theory]
    [InlineData("data: {}\n\ndata: [DONE]\n\n", 64, true)]
    [InlineData("data: {}\n\ndata: [DONE]\n\n", 25, true)]
    [InlineData("data: {}\r\n\r\n", 64, true)]
    [InlineData("data: {}\n\ndata: {}\n", 64, false)]
    [InlineData("data: {}\n\ndata: {", 64, false)]
    public async Task Comment_follows_the_last_event_once_and_never_half_an_event(string sent, int buffer, bool follows)
    {
        _comment = ": cost=1\n\n"u8.ToArray();
        await using var answer = Open(ChatCompletionsApi.Instance, Answer.Sse);
        await Send(sent);
        await _provider.Writer.CompleteAsync();
        using var all = new MemoryStream();
        await answer.CopyToAsync(all, buffer, TestContext.Current.CancellationToken);
        Assert.Equal(sent + (follows ? ": cost=1\n\n" : ""), Encoding.UTF8.GetString(all.ToArray()));
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"free\"}}]}\n\n", "")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"reasoning\":\"fr", "")]
    [InlineData(": bye\n\n", ": bye\n\n")]
    [InlineData("data: {\"choices\":[]}\n\n", "data: {\"choices\":[]}\n\n")]
    public async Task Output_after_the_end_is_not_passed_on(string after, string passed)
    {
        await using var answer = Open(ChatCompletionsApi.Instance, Answer.Sse);
        await Send("data: [DONE]\n\n");
        await Next(answer);
        await Send(after);
        Assert.Equal(passed, await Next(answer));
        await Send("data: {\"choices\":[{\"delta\":{\"content\":\"more\"}}]}\n\n");
        Assert.Equal("", await Next(answer));
        Assert.Equal("", await Next(answer));
    }

    [Fact]
    public async Task Waiting_with_an_empty_buffer_is_no_end()
    {
        await using var answer = Open(ChatCompletionsApi.Instance, Answer.Sse);
        await Send("data: {}\n\n");
        Assert.Equal(0, await answer.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken));
        Assert.Empty(_seen);
        Assert.Equal("data: {}\n\n", await Next(answer));
    }

    [Fact]
    public async Task Failing_provider_fails_the_read_and_settles_nothing()
    {
        await using var answer = Open(ChatCompletionsApi.Instance, Answer.Sse);
        await _provider.Writer.CompleteAsync(new IOException("reset"));
        await Assert.ThrowsAsync<IOException>(() => Next(answer));
        Assert.Empty(_seen);
    }

    [Fact]
    public async Task Answer_of_known_length_is_not_stopped()
    {
        _eventsLeft = 0;
        await using var answer = Open(ChatCompletionsApi.Instance, Answer.Sse, length: 22);
        await Send("data: {}\n\ndata: {\"");
        Assert.Equal("data: {}\n\ndata: {\"", await Next(answer));
    }

    [Theory, MemberData(nameof(Streams))]
    public async Task Spent_stream_is_cut_after_an_event_and_ended_in_its_own_words(string fixture, string apiName)
    {
        var api = WireApis.Named(apiName);
        var bytes = Answer.Fixture(fixture);
        // Two events and a half, then the provider goes on for ever.
        var reader = UsageReaders.For(api, Answer.MediaType(fixture));
        var cut = Enumerable.Range(1, bytes.Length).Where(at =>
        {
            reader.Read(bytes.AsSpan(at - 1, 1));
            return reader.LastEventEnd > 0;
        }).Take(2).Last();
        _eventsLeft = 0;
        await using var answer = Open(api, Answer.MediaType(fixture));
        await _provider.Writer.WriteAsync(bytes.AsMemory(0, cut + 9), TestContext.Current.CancellationToken);

        var text = await Rest(answer);

        Assert.Equal(["first byte", "spent?", "settled: incomplete"], _seen);
        Assert.StartsWith(Encoding.UTF8.GetString(bytes, 0, cut).TrimEnd('\n'), text, StringComparison.Ordinal);
        var last = Events(api, text)[^1];
        var (path, word) = api switch
        {
            ResponsesApi => ("response incomplete_details reason", "max_output_tokens"),
            GeminiGenerateApi => ("candidates 0 finishReason", "MAX_TOKENS"),
            _ => ("choices 0 finish_reason", "length"),
        };
        Assert.Equal(word, At(last, path).GetString());
    }

    [Fact]
    public void Ending_says_whatever_the_provider_is_called_in_valid_json()
    {
        var ending = ChatCompletionsApi.Instance.EndStream(isEventStream: true, new("a\"b\n\n", "m\\ü", null, null), Now);
        var last = Events(ChatCompletionsApi.Instance, Encoding.UTF8.GetString(ending.Span))[^1];
        Assert.Equal("a\"b\n\n", last.GetProperty("id").GetString());
        Assert.Equal("m\\ü", last.GetProperty("model").GetString());
        Assert.EndsWith("\n\ndata: [DONE]\n\n", Encoding.UTF8.GetString(ending.Span), StringComparison.Ordinal);
    }

    private MeteringStream Open(WireApi api, string mediaType, long? length = null)
    {
        var reader = UsageReaders.For(api, mediaType);
        return new(_provider.Reader.AsStream(), reader, length, new MeteringHooks(
            () => _seen.Add("first byte"),
            () =>
            {
                _seen.Add("spent?");
                return _eventsLeft-- <= 0;
            },
            complete =>
            {
                _seen.Add(complete ? "settled: complete" : "settled: incomplete");
                return ValueTask.CompletedTask;
            },
            isStopped => isStopped ? api.EndStream(UsageReaders.IsEventStream(mediaType), reader.Facts, Now) : _comment));
    }

    private async Task Send(string text) =>
        await _provider.Writer.WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);

    private static async Task<string> Next(MeteringStream answer)
    {
        var buffer = new byte[64 * 1024];
        var read = await answer.ReadAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }

    private static async Task<string> Rest(MeteringStream answer)
    {
        using var bytes = new MemoryStream();
        await answer.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static JsonElement[] Events(WireApi api, string text) => api == GeminiGenerateApi.Instance && text.StartsWith('[')
        ? [.. JsonElement.Parse(text).EnumerateArray()]
        : [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
            .Select(line => JsonElement.Parse(line["data: ".Length..]))];

    private static JsonElement At(JsonElement json, string path) => path.Split(' ').Aggregate(json, (at, step) =>
        at.ValueKind == JsonValueKind.Array ? at[int.Parse(step)] : at.GetProperty(step));
}
