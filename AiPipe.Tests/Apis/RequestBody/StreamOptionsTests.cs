namespace AiPipe.Tests.Apis.RequestBody;

public sealed class StreamOptionsTests
{
    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{"include_usage":true}""", true)]
    [InlineData("""{"include_usage":false}""", false)]
    [InlineData("""{"include_usage":null}""", false)]
    [InlineData("""{"\u0069nclude_usage":true}""", true)]
    [InlineData("""{"include_obfuscation":true,"include_usage":true}""", true)]
    [InlineData("""{"include_usage":true,"x":{"include_usage":false},"y":[{"include_usage":false}]}""", true)]
    [InlineData("""{"x":{"include_usage":true},"y":["include_usage",true]}""", false)]
    [InlineData("""{"Include_Usage":true}""", false)]
    public void Only_the_field_itself_asks_for_usage(string options, bool includes)
    {
        var layout = Scanned.Fields("chat", $"\"stream_options\":{options},\"n\":2").Passed.Layout!;
        Assert.Equal(includes, layout.IncludesUsage);
        Assert.NotNull(layout.StreamOptions);
    }

    [Theory]
    [InlineData("""{"include_usage":true,"include_usage":false}""", "duplicate_field")]
    [InlineData("""{"include_usage":true,"includ\u0065_usage":true}""", "duplicate_field")]
    [InlineData("""{"include_usage":"true"}""", "invalid_request")]
    [InlineData("""{"include_usage":1}""", "invalid_request")]
    [InlineData("""{"include_usage":{}}""", "invalid_request")]
    [InlineData("""{"include_usage":[true]}""", "invalid_request")]
    [InlineData("true", "invalid_request")]
    [InlineData("\"include_usage\"", "invalid_request")]
    [InlineData("""[{"include_usage":true}]""", "invalid_request")]
    public void What_another_reader_may_take_otherwise_is_refused(string options, string code)
    {
        Assert.Equal(code, Scanned.Fields("chat", $"\"stream_options\":{options}").Refusal?.Code);
        Assert.Equal(code, Scanned.Fields("completions", $"\"stream\":true,\"stream_options\":{options}").Refusal?.Code);
    }
}
