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

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task Usage_event_is_removed_wherever_the_stream_is_split(string newline)
    {
        var stream = (Hello + Hello + Usage + End).ReplaceLineEndings(newline);
        var expected = (Hello + Hello + End).ReplaceLineEndings(newline);
        for (var size = 1; size <= stream.Length; size += 1 + size / 8) Assert.Equal(expected, await PassAsync(stream, size));
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

    private static async Task<string> PassAsync(string stream, int size, bool isEventStream = true)
    {
        await using var filter = new UsageEventFilter(new Pieces(Encoding.UTF8.GetBytes(stream), size), () => isEventStream);
        using var passed = new MemoryStream();
        var buffer = new byte[Math.Max(size, 16) + 300];
        while (await filter.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read) passed.Write(buffer, 0, read);
        return Encoding.UTF8.GetString(passed.ToArray());
    }

    /// <summary>Gives at most so many bytes at a time.</summary>
    private sealed class Pieces(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
