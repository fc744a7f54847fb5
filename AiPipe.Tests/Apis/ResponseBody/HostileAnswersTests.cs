using System.Text;
using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.Completions;
using AiPipe.Proxy.Metering;

namespace AiPipe.Tests.Apis.ResponseBody;

/// <summary>Answers as no good provider sends them, and as some do.</summary>
public class HostileAnswersTests
{
    private const string Usage = """{"prompt_tokens":3,"completion_tokens":2}""";
    private static readonly TokenUsage ThreeAndTwo = new() { Input = 3, Output = 2 };

    [Theory]
    [InlineData("""{"usage":null}""")]
    [InlineData("""{"usage":{}}""")]
    [InlineData("""{"usage":[{"prompt_tokens":3}]}""")]
    [InlineData("""{"usage":"{\"prompt_tokens\":3}"}""")]
    [InlineData("""{"usage":{"prompt_tokens":"3","completion_tokens":null}}""")]
    [InlineData("""{"usage":{"prompt_tokens":-3,"completion_tokens":-0.5,"cost":-1}}""")]
    [InlineData("""{"usage":{"prompt_tokens":nan,"completion_tokens":true}}""")]
    [InlineData("""{"usage":{"prompt_tokens":3,"completion_tokens":2""")]
    [InlineData("""{"choices":[{"delta":{"content":"\"usage\":{\"prompt_tokens\":3}"}}]}""")]
    [InlineData("""{"choices":[{"message":{"usage":{"prompt_tokens":3}}}]}""")]
    [InlineData("""["usage",{"usage":{"prompt_tokens":3}}]""")]
    [InlineData("upstream connect error")]
    [InlineData("""<html>{"usage":{"prompt_tokens":3}}</html>""")]
    [InlineData("")]
    public void This_is_no_report(string answer)
    {
        Assert.Null(Answer.Read(ChatCompletionsApi.Instance, Answer.Json, answer).Usage);
        Assert.Null(Answer.ReadEvent(ChatCompletionsApi.Instance, answer).Usage);
    }

    [Theory]
    [InlineData($$"""{"usage":{"prompt_tokens":1,"completion_tokens":1,"cost":5},"usage":{{Usage}} }""")]
    [InlineData($$"""{"usage":{{Usage}},"usage":null}""")]
    [InlineData($$""" {  "x" : "\\" , "y":"\"usage\":{}", "usage" : {{Usage}} } """)]
    [InlineData($$"""{"a":{"b":[} },"usage":{{Usage}} }""")]
    [InlineData($$"""{"choices":[[[]],{},null,1,"x"],"usage":{{Usage}} }""")]
    [InlineData($$"""{"choices":null,"id":7,"model":{"name":"m"},"usage":{{Usage}} }""")]
    [InlineData("""{"usage":{"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":null,"completion_tokens_details":{}}}""")]
    [InlineData("""{"usage":{"prompt_tokens":3,"prompt_tokens":-1,"completion_tokens":2}}""")]
    public void This_is_a_report(string answer)
    {
        Assert.Equal(ThreeAndTwo, Answer.Read(ChatCompletionsApi.Instance, Answer.Json, answer).Usage);
        Assert.Equal(ThreeAndTwo, Answer.Read(ChatCompletionsApi.Instance, Answer.Json, Answer.ByteByByte(Encoding.UTF8.GetBytes(answer)))
            .Usage);
        Assert.Equal(ThreeAndTwo, Answer.ReadEvent(ChatCompletionsApi.Instance, answer).Usage);
    }

    [Fact]
    public void Nesting_costs_nothing_however_deep()
    {
        const int Levels = 1_000_000;
        var answer = $$"""{"tools":{{new string('[', Levels)}}{{new string(']', Levels)}},"usage":{{Usage}} }""";
        Assert.Equal(ThreeAndTwo, Answer.Read(ChatCompletionsApi.Instance, Answer.Json, answer).Usage);

        var endless = string.Concat(Enumerable.Repeat("""{"choices":[{"delta":""", 10_000));
        Assert.Null(Answer.Read(ChatCompletionsApi.Instance, Answer.Json, endless).Usage);
    }

    [Fact]
    public void Long_strings_are_passed_over()
    {
        var answer = $$"""{"id":"{{new string('i', 5_000_000)}}","{{new string('k', 300)}}":1,"model":"m","choices":[{"text":"{{new string('t', 5_000_000)}}"}],"usage":{{Usage}} }""";
        var known = Answer.Read(
            CompletionsApi.Instance, Answer.Json, Encoding.UTF8.GetBytes(answer).Chunk(4096).Select(part => (ReadOnlyMemory<byte>)part));
        Assert.Equal(new Known(ThreeAndTwo, new(null, "m", null, null), new(1, 5_000_000, 1_250_000), true), known);
    }

    [Fact]
    public void Bytes_that_are_no_text_do_no_harm()
    {
        byte[] answer = [.. "{\"model\":\""u8, 0xFF, 0xC0, 0x80, .. "\",\"id\":\"\\ud800\",\"usage\":"u8, .. Encoding.UTF8.GetBytes(Usage),
            (byte)'}', 0x00, 0xFF];
        var known = Answer.Read(ChatCompletionsApi.Instance, Answer.Json, answer);
        Assert.Equal(ThreeAndTwo, known.Usage);
        Assert.Null(known.Facts.Id);
        Assert.True(known.SawEnd);
    }

    [Fact]
    public void Noise_of_any_kind_never_throws()
    {
        var random = new Random(20261121);
        var alphabet = Encoding.UTF8.GetBytes("{}[]\":,\\ \r\n\tdata: usage{\"usage\":{\"prompt_tokens\":1}}[DONE]-1e9");
        for (var round = 0; round < 2_000; round++)
        {
            var noise = Enumerable.Range(0, 400).Select(_ => alphabet[random.Next(alphabet.Length)]).ToArray();
            foreach (var api in WireApis.All)
            {
                foreach (var mediaType in (string[])[Answer.Json, Answer.Sse])
                {
                    var whole = Answer.Read(api, mediaType, noise);
                    Assert.Equal(whole, Answer.Read(api, mediaType, Answer.SplitAt(noise, random.Next(noise.Length))));
                }
            }
        }
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Streams_may_end_lines_as_they_like_and_say_things_beside(string newline)
    {
        var answer = $$$"""
            : a comment with data: {"usage":{"prompt_tokens":9}}
            retry: 100
            event: message
            data:{"model":"m",
            data: "usage":
            data:{{{Usage}}} }
            id: 7

            datum: {"usage":{"prompt_tokens":9}}
            data

            data: [DONE]


            """.ReplaceLineEndings(newline);
        var expected = new Known(ThreeAndTwo, new(null, "m", null, null), default, true);
        var bytes = Encoding.UTF8.GetBytes(answer);
        Assert.Equal(expected, Answer.Read(ChatCompletionsApi.Instance, Answer.Sse, bytes));
        Assert.Equal(expected, Answer.Read(ChatCompletionsApi.Instance, Answer.Sse, Answer.ByteByByte(bytes)));
    }

    [Theory]
    [InlineData("data: [DONE] or not\n\n", false)]
    [InlineData("data: [DONE\n\n", false)]
    [InlineData("data: [DONE]\n", false)]
    [InlineData("data: {\"x\":\"[DONE]\"}\n\n", false)]
    [InlineData("data:[DONE]\r\r", true)]
    public void Only_the_closing_word_as_an_event_of_its_own_ends_a_stream(string stream, bool ends) =>
        Assert.Equal(ends, Answer.Read(ChatCompletionsApi.Instance, Answer.Sse, Answer.ByteByByte(Encoding.UTF8.GetBytes(stream))).SawEnd);
}
