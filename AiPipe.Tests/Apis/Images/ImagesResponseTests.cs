using System.Text;
using AiPipe.Proxy.Apis.Images;
using AiPipe.Proxy.Metering;
using AiPipe.Tests.Apis.ResponseBody;

namespace AiPipe.Tests.Apis.Images;

public sealed class ImagesResponseTests
{
    internal const string Usage = """
        {"total_tokens":1106,"input_tokens":50,"output_tokens":1056,"input_tokens_details":{"text_tokens":10,"image_tokens":40} }
        """;

    internal const string Tokens = $$"""
        {"created":1713833628,"background":"opaque","data":[{"b64_json":"aGVsbG8="}],"output_format":"png","quality":"medium","size":"1024x1024","usage":{{Usage}}}
        """;

    internal const string Stream = $$"""
        event: image_generation.partial_image
        data: {"type":"image_generation.partial_image","b64_json":"aGVs","created_at":1,"size":"1024x1024","partial_image_index":0}

        event: image_generation.completed
        data: {"type":"image_generation.completed","b64_json":"aGVsbG8=","created_at":1,"size":"1024x1024","usage":{{Usage}}}


        """;

    private static readonly TokenUsage Reported = new() { Input = 50, InputImage = 40, Output = 1056, OutputImage = 1056 };

    [Fact]
    public void Usage_is_read_however_the_answer_is_split()
    {
        foreach (var (text, mediaType) in ((string, string)[])[(Tokens, Answer.Json), (Stream, Answer.Sse)])
        {
            var bytes = Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"));
            for (var at = 0; at <= bytes.Length; at++)
            {
                var known = Answer.Read(ImagesApi.Instance, mediaType, Answer.SplitAt(bytes, at));
                Assert.Equal((Reported, true), (known.Usage, known.SawEnd));
            }
            Assert.Equal(Reported, Answer.Read(ImagesApi.Instance, mediaType, Answer.ByteByByte(bytes)).Usage);
        }
    }

    [Fact]
    public void Answer_that_is_cut_has_no_half_report_and_no_end()
    {
        foreach (var (text, mediaType) in ((string, string)[])[(Tokens.Trim(), Answer.Json), (Stream.Trim(), Answer.Sse)])
        {
            var bytes = Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"));
            for (var length = 0; length < bytes.Length; length++)
            {
                var known = Answer.Read(ImagesApi.Instance, mediaType, bytes.AsMemory(0, length));
                Assert.False(known.SawEnd);
                Assert.True(known.Usage is null or { Input: null, Output: null } || known.Usage == Reported);
            }
        }
    }

    [Fact]
    public void Images_of_a_response_without_usage_are_counted() => Assert.Equal(new TokenUsage { Units = 2 },
        Answer.Read(ImagesApi.Instance, Answer.Json, """{"created":1,"data":[{"url":"https://a.example/1"},{"url":"https://a.example/2"}]}""").Usage);

    [Fact]
    public void Details_of_the_output_separate_text_and_images() => Assert.Equal(
        new TokenUsage { Input = 5, Output = 100, OutputImage = 80 },
        Answer.Read(ImagesApi.Instance, Answer.Json,
            """{"data":[{}],"usage":{"input_tokens":5,"output_tokens":100,"output_tokens_details":{"text_tokens":20,"image_tokens":80} } }""").Usage);
}
