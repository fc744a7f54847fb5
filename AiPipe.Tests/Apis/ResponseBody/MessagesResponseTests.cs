using System.Text;
using AiPipe.Proxy.Apis.Anthropic;
using AiPipe.Proxy.Metering;

namespace AiPipe.Tests.Apis.ResponseBody;

public class MessagesResponseTests
{
    private static readonly TokenUsage Expected =
        new() { Input = 1400, CacheRead = 1000, CacheWrite = 300, CacheWrite1h = 200, Output = 50, WebSearches = 2 };

    [Theory]
    [InlineData("messages.fixture.json")]
    [InlineData("messages.fixture.sse")]
    public void Answer_split_at_any_byte_is_read_the_same(string fixture)
    {
        var bytes = Answer.Fixture(fixture);
        for (var at = 0; at <= bytes.Length; at++)
        {
            var known = Answer.Read(MessagesApi.Instance, Answer.MediaType(fixture), Answer.SplitAt(bytes, at));
            Assert.Equal((Expected, true, false), (known.Usage, known.SawEnd, known.SawError));
            Assert.Equal(("claude-sonnet-4-5-20250929", "end_turn"), (known.Facts.Model, known.Facts.FinishReason));
        }
    }

    [Fact]
    public void Stream_cut_at_any_byte_has_its_input_and_never_the_placeholder_of_its_output()
    {
        var bytes = Answer.Fixture("messages.fixture.sse");
        var inputs = new HashSet<long?>();
        for (var length = 0; length < bytes.AsSpan().TrimEnd("\n"u8).Length; length++)
        {
            var known = Answer.Read(MessagesApi.Instance, Answer.Sse, bytes.AsMemory(0, length));
            Assert.False(known.SawEnd);
            Assert.True(known.Usage?.Output is null or 50);
            inputs.Add(known.Usage?.Input);
        }
        Assert.Equal([null, 1400], inputs);
    }

    [Fact]
    public void Error_event_is_seen()
    {
        var known = Answer.Read(MessagesApi.Instance, Answer.Sse,
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n");
        Assert.True(known.SawError);
        Assert.Null(known.Usage);
    }

    [Fact]
    public void Stopped_stream_ends_its_block_and_its_message()
    {
        var text = Encoding.UTF8.GetString(Answer.Fixture("messages.fixture.sse"));
        var known = Answer.Read(
            MessagesApi.Instance, Answer.Sse, text[..text.IndexOf("event: content_block_stop", StringComparison.Ordinal)]);
        var ending = Encoding.UTF8.GetString(MessagesApi.Instance.EndStream(isEventStream: true, known.Facts, default).Span);
        Assert.StartsWith("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\n",
            ending, StringComparison.Ordinal);
        Assert.EndsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", ending, StringComparison.Ordinal);
        Assert.Empty(MessagesApi.Instance.EndStream(isEventStream: true, Answer.Read(MessagesApi.Instance, Answer.Sse, text).Facts, default)
            .ToArray());
    }
}
