using System.Text;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Apis.Speech;
using AiPipe.Proxy.Metering;
using AiPipe.Tests.Apis.ResponseBody;

namespace AiPipe.Tests.Apis.Speech;

public sealed class SpeechResponseTests
{
    internal const string Stream = """
        data: {"type":"speech.audio.delta","audio":"SUQzBAAA"}

        data: {"type":"speech.audio.delta","audio":"AAAA"}

        data: {"type":"speech.audio.done","usage":{"input_tokens":14,"output_tokens":101,"total_tokens":115}}


        """;

    private static readonly TokenUsage Reported = new() { Input = 14, Output = 101, OutputAudio = 101 };

    [Fact]
    public void Usage_is_read_however_the_stream_is_split()
    {
        var bytes = Encoding.UTF8.GetBytes(Stream.ReplaceLineEndings("\n"));
        for (var at = 0; at <= bytes.Length; at++)
        {
            var known = Answer.Read(SpeechApi.Instance, Answer.Sse, Answer.SplitAt(bytes, at));
            Assert.Equal((Reported, true, 2), (known.Usage, known.SawEnd, known.Output.Events));
            var cut = Answer.Read(SpeechApi.Instance, Answer.Sse, bytes.AsMemory(0, at));
            Assert.Equal(at == bytes.Length, cut.SawEnd);
            Assert.True(cut.Usage is null || cut.Usage == Reported);
        }
    }

    [Theory]
    [InlineData("audio/pcm")]
    [InlineData("audio/mpeg")]
    [InlineData("application/octet-stream")]
    public void Sound_is_not_read_even_if_it_looks_like_events(string mediaType)
    {
        var reader = new SniffedUsageReader(SpeechApi.Instance, mediaType);
        Assert.Null(reader.Usage);
        reader.Read("data: {\"error\":1}\n\n"u8);
        Assert.Equal((false, false, -1, mediaType), (reader.SawError, reader.SawEnd, reader.LastEventEnd, reader.MediaType));
        Assert.Equal(new TokenUsage(), reader.Usage);
    }
}
