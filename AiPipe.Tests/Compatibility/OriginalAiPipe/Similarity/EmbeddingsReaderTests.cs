using System.Text;
using AiPipe.Proxy.Compatibility.OriginalAiPipe.Similarity;

namespace AiPipe.Tests.Compatibility.OriginalAiPipe.Similarity;

/// <summary>Vectors out of answers, however those arrive.</summary>
public sealed class EmbeddingsReaderTests
{
    /// <summary>One vector in each format, the second one first; "AACAPwAAAMA=" is 1 and -2.</summary>
    private const string Whole = """
        {"object":"list","meta":{"data":[1]},"data":[{"index":1,"extra":[[1]],"embedding":[0.5,-1e-1]},{"object":"embedding","index":0,"embedding":"AACAPwAAAMA="}],
        "model":"m","usage":{"prompt_tokens":8,"details":{"prompt_tokens":1},"total_tokens":9}}
        """;

    [Fact]
    public void Answer_split_at_every_byte_is_read_alike()
    {
        var bytes = Encoding.UTF8.GetBytes(Whole);
        for (var split = 0; split <= bytes.Length; split++)
        {
            var reader = new EmbeddingsReader(2);
            reader.Read(bytes.AsSpan(0, split));
            reader.Read(bytes.AsSpan(split));
            Assert.Equal([[1f, -2f], [0.5f, -0.1f]], reader.Vectors()!);
            Assert.Equal(8, reader.Tokens);
        }
    }

    [Theory]
    [InlineData("""{"data":[{"index":0,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":-1,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":null}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":"???"}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1e99,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1""")]
    [InlineData("""{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}""")]
    [InlineData("""[]""")]
    [InlineData("""<html>""")]
    [InlineData("")]
    public void Answer_that_is_not_whole_or_not_one_has_no_vectors(string json)
    {
        var reader = new EmbeddingsReader(2);
        reader.Read(Encoding.UTF8.GetBytes(json));
        Assert.Null(reader.Vectors());
        Assert.Null(reader.Tokens);
    }

    [Fact]
    public void Token_without_an_end_is_given_up()
    {
        var reader = new EmbeddingsReader(1);
        reader.Read("{\"data\":[{\"index\":0,\"embedding\":\""u8);
        var piece = new byte[1 << 10];
        piece.AsSpan().Fill((byte)'A');
        for (var i = 0; i < 100; i++) reader.Read(piece);
        reader.Read("\"}]}"u8);
        Assert.Null(reader.Vectors());
    }

    [Theory]
    [InlineData(EmbeddingsReader.MaxDimensions, true)]
    [InlineData(EmbeddingsReader.MaxDimensions + 1, false)]
    public void Vector_of_too_many_dimensions_is_given_up(int dimensions, bool isRead)
    {
        var reader = new EmbeddingsReader(1);
        var numbers = string.Join(',', Enumerable.Repeat("1", dimensions));
        reader.Read(Encoding.UTF8.GetBytes($$"""{"data":[{"index":0,"embedding":[{{numbers}}]}]}"""));
        Assert.Equal(isRead, reader.Vectors() is not null);
    }
}
