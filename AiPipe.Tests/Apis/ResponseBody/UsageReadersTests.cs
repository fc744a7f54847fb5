using System.Text;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.Completions;
using AiPipe.Proxy.Apis.Embeddings;
using AiPipe.Proxy.Apis.Gemini;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Apis.Responses;

namespace AiPipe.Tests.Apis.ResponseBody;

public class UsageReadersTests
{
    private static readonly Dictionary<(string Fixture, WireApi Api), Known> Expected = new()
    {
        [("chat.fixture.json", ChatCompletionsApi.Instance)] = new(
            new() { Input = 1000, CacheRead = 128, InputAudio = 0, Output = 500, Reasoning = 64, OutputAudio = 0 },
            new("chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT", "gpt-4o-mini-2024-07-18", "stop", "default"), new(1, 51, 14), true),
        [("chat.fixture.sse", ChatCompletionsApi.Instance)] = new(
            new() { Input = 1000, CacheRead = 0, InputAudio = 0, Output = 500, Reasoning = 0, OutputAudio = 0 },
            new("chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG", "gpt-4o-mini-2024-07-18", "stop", "default"), new(3, 42, 12), true),
        [("openrouter.fixture.sse", ChatCompletionsApi.Instance)] = new(
            new()
            {
                Input = 12,
                CacheRead = 4,
                CacheWrite = 2,
                InputAudio = 0,
                Output = 30,
                Reasoning = 20,
                OutputImage = 0,
                ReportedCost = 0.0000125m
            },
            new("gen-1742000000-abc", "deepseek/deepseek-r1", "stop", null), new(2, 7, 3), true),
        [("completion.fixture.json", CompletionsApi.Instance)] = new(
            new() { Input = 5, Output = 7 },
            new("cmpl-uqkvlQyYK7bGYrRHQ0eXlWi7", "gpt-3.5-turbo-instruct", "length", null), new(1, 18, 4), true),
        [("completion.fixture.sse", CompletionsApi.Instance)] = new(
            new() { Input = 5, Output = 2 },
            new("cmpl-7iA7iJjj8V2zOkCGvWF2hAkDWBQZe", "gpt-3.5-turbo-instruct", "length", null), new(2, 7, 2), true),
        [("responses.fixture.json", ResponsesApi.Instance)] = new(
            new() { Input = 328, CacheRead = 256, Output = 52, Reasoning = 40, WebSearches = 1 },
            new("resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b", "gpt-5-mini-2025-08-07", "completed", "flex"), new(1, 9, 3), true),
        [("responses.fixture.sse", ResponsesApi.Instance)] = new(
            new() { Input = 328, CacheRead = 256, Output = 52, Reasoning = 40, WebSearches = 1 },
            new("resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b", "gpt-5-mini-2025-08-07", "completed", "flex"), new(2, 9, 3), true),
        [("embeddings.fixture.json", EmbeddingsApi.Instance)] = new(
            new() { Input = 8, Output = 0 }, new(null, "text-embedding-3-small", null, null), default, true),
        [("gemini.fixture.json", GeminiGenerateApi.Instance)] = new(
            new()
            {
                Input = 107,
                CacheRead = 40,
                InputImage = 20,
                InputAudio = 10,
                Output = 30,
                Reasoning = 25,
                OutputImage = 3,
                OutputAudio = 2
            },
            new("aBcDeF12", "gemini-2.5-flash", "STOP", null), new(1, 23, 7), true),
        [("gemini.fixture.sse", GeminiGenerateApi.Instance)] = new(
            new() { Input = 107, CacheRead = 40, InputImage = 20, InputAudio = 10, Output = 30, Reasoning = 25 },
            new("aBcDeF12", "gemini-2.5-flash", "STOP", null), new(3, 23, 7), false),
        [("gemini-stream.fixture.json", GeminiGenerateApi.Instance)] = new(
            new() { Input = 107, CacheRead = 40, InputImage = 20, InputAudio = 10, Output = 30, Reasoning = 25 },
            new("aBcDeF12", "gemini-2.5-flash", "STOP", null), new(3, 23, 7), true),
        [("gemini-embedding.fixture.json", GeminiEmbedApi.Instance)] = new(
            new() { Input = 6, Output = 0 }, default, default, true),
    };

    public static TheoryData<string, string> Fixtures { get; } =
        [.. Expected.Keys.Select(key => (key.Fixture, key.Api.GetType().Name))];

    [Theory, MemberData(nameof(Fixtures))]
    public void Answer_is_read(string fixture, string api)
    {
        var (bytes, expected) = Load(fixture, api);
        Assert.Equal(expected, Answer.Read(WireApis.Named(api), Answer.MediaType(fixture), bytes));
    }

    [Theory, MemberData(nameof(Fixtures))]
    public void Answer_split_at_any_byte_is_read_the_same(string fixture, string api)
    {
        var (bytes, expected) = Load(fixture, api);
        for (var at = 0; at <= bytes.Length; at++)
            Assert.Equal(expected, Answer.Read(WireApis.Named(api), Answer.MediaType(fixture), Answer.SplitAt(bytes, at)));
    }

    [Theory, MemberData(nameof(Fixtures))]
    public void Answer_is_read_the_same_byte_by_byte(string fixture, string api)
    {
        var (bytes, expected) = Load(fixture, api);
        Assert.Equal(expected, Answer.Read(WireApis.Named(api), Answer.MediaType(fixture), Answer.ByteByByte(bytes)));
    }

    [Theory, MemberData(nameof(Fixtures))]
    public void Answer_cut_at_any_byte_has_no_half_report_and_no_end(string fixture, string api)
    {
        var (bytes, expected) = Load(fixture, api);
        // What follows the last bracket or word says nothing; before it the answer is not whole.
        var whole = Encoding.UTF8.GetString(bytes).TrimEnd().Length == bytes.Length
            ? bytes.Length : bytes.AsSpan().LastIndexOfAnyExcept((byte)'\n', (byte)'\r') + 1;
        for (var length = 0; length < whole; length++)
        {
            var known = Answer.Read(WireApis.Named(api), Answer.MediaType(fixture), bytes.AsMemory(0, length));
            Assert.False(known.SawEnd);
            Assert.InRange(known.Output.Bytes, 0, expected.Output.Bytes);
            Assert.InRange(known.Output.Events, 0, expected.Output.Events);
            if (known.Usage is null) continue;
            Assert.NotNull(known.Usage.Input);
            Assert.NotNull(known.Usage.Output);
            if (WireApis.Named(api) != GeminiGenerateApi.Instance) Assert.Equal(expected.Usage!.Input, known.Usage.Input);
        }
    }

    [Fact]
    public void Stream_cut_before_its_report_has_none_but_its_output_is_counted()
    {
        var text = Encoding.UTF8.GetString(Answer.Fixture("chat.fixture.sse"));
        var known = Answer.Read(ChatCompletionsApi.Instance, Answer.Sse, text[..text.IndexOf("\"usage\":{", StringComparison.Ordinal)]);
        Assert.Null(known.Usage);
        Assert.Equal((3, 42), (known.Output.Events, known.Output.Bytes));
    }

    [Theory]
    [InlineData("text/event-stream", true)]
    [InlineData("Text/Event-Stream ; charset=utf-8", true)]
    [InlineData("application/json", false)]
    [InlineData("text/event-streams", false)]
    [InlineData(null, false)]
    public void Only_event_streams_are_read_as_such(string? mediaType, bool isEventStream) =>
        Assert.Equal(isEventStream, UsageReaders.For(ChatCompletionsApi.Instance, mediaType) is SseUsageReader);

    private static (byte[] Bytes, Known Expected) Load(string fixture, string api) =>
        (Answer.Fixture(fixture), Expected[(fixture, WireApis.Named(api))]);
}
