using System.Text;
using AiPipe.Proxy.Metering;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.Metering;

/// <summary>The usage event that AiPipe requested is taken out, and every other byte passes in its place.</summary>
public sealed class UsageEventFilterTests
{
    private static readonly string Hello = Event(Answers.Chunk("Hello, \\\"usage\\\": 7"));
    private static readonly string Usage = Event(Answers.UsageChunk(10, 2));
    private const string End = "data: [DONE]\n\n: cost=0.1\n\n";

    private const string Split = "event: chunk\nid: 7\ndata: {\"choices\":[],\ndata:\"usage\":\ndata: {\"prompt_tokens\":1}}\nretry: 5\n\n";

    /// <summary>Usage events as providers may write them, each between line breaks that are replaced.</summary>
    public static TheoryData<string, string> UsageEvents()
    {
        var data = new TheoryData<string, string>();
        foreach (var newline in (string[])["\n", "\r\n", "\r"])
        {
            data.Add(newline, Usage);
            data.Add(newline, ": a comment\n" + Usage);
            data.Add(newline, "event: message\nid: 3\n: x\n" + Usage);
            data.Add(newline, Split);
            data.Add(newline, "data\n" + Split);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(UsageEvents))]
    public async Task Usage_event_is_removed_wherever_the_stream_is_split(string newline, string written)
    {
        var hello = ": x\nid: 1\n" + Hello;
        var stream = (hello + hello + written + End).ReplaceLineEndings(newline);
        var expected = (hello + hello + End).ReplaceLineEndings(newline);
        for (var at = 0; at < stream.Length; at++) Assert.Equal(expected, await PassAsync(stream, stream.Length, first: at));
        for (var size = 1; size <= 40; size++) Assert.Equal(expected, await PassAsync(stream, size));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Usage_event_after_a_long_event_is_removed_wherever_the_stream_is_split(string newline)
    {
        var large = Event(Answers.Chunk(new string('x', 20_000)));
        var stream = (large + Usage + End).ReplaceLineEndings(newline);
        var expected = (large + End).ReplaceLineEndings(newline);
        var end = large.ReplaceLineEndings(newline).Length;
        for (var at = end - 8; at < end + 8; at++) Assert.Equal(expected, await PassAsync(stream, stream.Length, first: at));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task Usage_event_is_removed_at_the_end_of_a_stream_that_does_not_end_it(string end)
    {
        foreach (var size in (int[])[1, 7, 4096]) Assert.Equal(Hello, await PassAsync(Hello + Usage.TrimEnd('\n') + end, size));
    }

    [Theory]
    [InlineData("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}""")]
    [InlineData("""{"choices":[],"usage":null,"prompt_filter_results":[]}""")]
    [InlineData("""{"usage":{"prompt_tokens":1}}""")]
    [InlineData("""{"choices":[],"usage":""")]
    [InlineData("""["usage"]""")]
    [InlineData("""{"delta":"\"usage\":{}","type":"x"}""")]
    public async Task Other_events_pass(string data)
    {
        var stream = Event(data) + End;
        foreach (var size in (int[])[1, 7, 4096]) Assert.Equal(stream, await PassAsync(stream, size));
    }

    [Theory]
    [InlineData("""{"id":"x","choices":[ ],"model":"m","usage" : {"prompt_tokens":1}}""")]
    [InlineData("""{"usage":{"prompt_tokens":1},"choices":[]}""")]
    public async Task Usage_event_is_known_in_any_spelling(string data)
    {
        foreach (var size in (int[])[1, 7, 4096]) Assert.Equal(Hello + End, await PassAsync(Hello + Event(data) + End, size));
    }

    [Fact]
    public async Task Long_events_and_streams_without_an_end_pass_whole()
    {
        var stream = Event(Answers.Chunk(new string('x', 50_000))) + Usage + "data: {\"choices\":[],\"usage\":{}";
        foreach (var size in (int[])[1000, 4096, 60_000])
            Assert.Equal(stream.Replace(Usage, "", StringComparison.Ordinal), await PassAsync(stream, size));
    }

    [Fact]
    public async Task Other_responses_pass_unchanged()
    {
        Assert.Equal(Usage, await PassAsync(Usage, 9, isEventStream: false));
    }

    private static string Event(string data) => $"data: {data.ReplaceLineEndings("")}\n\n";

    private static async Task<string> PassAsync(string stream, int size, bool isEventStream = true, int first = 0)
    {
        await using var filter = new UsageEventFilter(new Pieces(Encoding.UTF8.GetBytes(stream), size, first), () => isEventStream);
        using var passed = new MemoryStream();
        var buffer = new byte[Math.Max(size, 16) + 300];
        while (await filter.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read) passed.Write(buffer, 0, read);
        return Encoding.UTF8.GetString(passed.ToArray());
    }

    /// <summary>Gives at most so many bytes at a time, at first others if stated.</summary>
    private sealed class Pieces(byte[] bytes, int size, int first) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(Position == 0 && first > 0 ? first : size, buffer.Length)], cancellationToken);
    }
}
