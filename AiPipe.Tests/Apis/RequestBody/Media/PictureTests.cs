using AiPipe.Proxy.Apis.RequestBody.Media;

namespace AiPipe.Tests.Apis.RequestBody.Media;

public sealed class PictureTests
{
    /// <summary>The examples of the providers' pages, and cases at their edges.</summary>
    [Theory]
    [InlineData("gpt-4o", 1024, 1024, false, 765)]
    [InlineData("gpt-4o", 2048, 4096, false, 1105)]
    [InlineData("gpt-4o", 4096, 8192, true, 85)]
    [InlineData("gpt-4o", 128, 64, false, 255)]
    [InlineData("gpt-4o-2024-08-06", 512, 512, false, 255)]
    [InlineData("gpt-4o", 513, 512, false, 425)]
    [InlineData("gpt-4o", 100, 20_000, false, 765)]
    [InlineData("openai/gpt-4o", 1, 1, false, 255)]
    [InlineData("ft:gpt-4o-2024-08-06:school::x", 1024, 1024, false, 765)]
    [InlineData("gpt-4o-mini", 1024, 1024, false, 25_501)]
    [InlineData("gpt-4o-mini", 1024, 1024, true, 2_833)]
    [InlineData("gpt-4.1", 1024, 1024, false, 765)]
    [InlineData("gpt-4.1-mini", 1024, 1024, false, 1_659)]
    [InlineData("gpt-4.1-mini", 4000, 4000, false, 2_489)]
    [InlineData("gpt-4.1-nano", 32, 33, false, 5)]
    [InlineData("o4-mini-2025-04-16", 1024, 1024, false, 1_762)]
    [InlineData("o3", 1024, 1024, false, 675)]
    [InlineData("gpt-5", 1024, 1024, false, 630)]
    [InlineData("gpt-5-mini", 1024, 1024, false, 1_659)]
    [InlineData("gpt-5-nano", 1024, 1024, false, 2_520)]
    [InlineData("gemini-2.5-flash", 384, 384, false, 2_240)]
    [InlineData("gemini-2.5-flash", 3072, 3072, false, 4_128)]
    [InlineData("google/gemini-2.5-flash", 100, 9_000, false, 3_096)]
    [InlineData("gemini-3-pro-preview", 1024, 1024, false, 2_240)]
    [InlineData("somebody/own-vision", 1024, 1024, false, 25_501)]
    public void A_picture_counts_by_the_rule_of_its_model(string model, int width, int height, bool low, long tokens) =>
        Assert.Equal(tokens, PictureRule.For(model).AtMost(new PictureSize(width, height), low));

    [Theory]
    [InlineData("gpt-4o", 1_445)]
    [InlineData("gpt-4o-mini", 48_169)]
    [InlineData("gpt-5-mini", 2_489)]
    [InlineData("gemini-2.5-pro", 6_192)]
    [InlineData("own-vision", 50_000)]
    public void A_picture_of_unknown_size_counts_as_the_largest(string model, long tokens) =>
        Assert.Equal(tokens, PictureRule.For(model).AtMost(size: null, isLowDetail: false));

    [Fact]
    public void No_model_counts_more_than_an_unknown_one()
    {
        var random = new Random(20261130);
        string[] models = ["gpt-4o", "gpt-4o-mini", "gpt-4.1-mini", "gpt-4.1-nano", "gpt-5", "gpt-5-nano", "o1", "o3", "o4-mini",
            "gemini-3", "claude-opus-4"];
        for (var round = 0; round < 5_000; round++)
        {
            var size = new PictureSize(random.Next(1, 1 << random.Next(1, 16)), random.Next(1, 1 << random.Next(1, 16)));
            foreach (var model in models)
                Assert.True(PictureRule.For(model).AtMost(size, false) <= PictureRule.For("").AtMost(size, false), $"{model} {size}");
        }
    }

    [Fact]
    public void The_size_stands_in_the_header()
    {
        Assert.Equal(new PictureSize(640, 480), PictureHeader.Read(Pictures.Png(640, 480)));
        Assert.Equal(new PictureSize(640, 480), PictureHeader.Read(Pictures.Jpeg(640, 480)));
        Assert.Equal(new PictureSize(640, 480), PictureHeader.Read(Pictures.Jpeg(640, 480, metadata: 60_000)));
        Assert.Equal(new PictureSize(640, 480), PictureHeader.Read(Pictures.Gif(640, 480)));
        Assert.Equal(new PictureSize(640, 480), PictureHeader.Read(Pictures.WebP(640, 480)));
    }

    [Fact]
    public void A_damaged_header_has_no_size()
    {
        byte[][] files = [Pictures.Png(640, 480), Pictures.Jpeg(640, 480), Pictures.Gif(640, 480), Pictures.WebP(640, 480),
            Pictures.Png(0, 480), []];
        foreach (var file in files)
            for (var length = 0; length < file.Length - 12; length++) _ = PictureHeader.Read(file.AsSpan(0, length));
        Assert.Null(PictureHeader.Read(Pictures.Png(0, 480)));
        Assert.Null(PictureHeader.Read(Pictures.Png(640, 480).AsSpan(0, 20)));
        Assert.Null(PictureHeader.Read("<svg width='1' height='1'/>"u8));
        Assert.Null(PictureHeader.Read(Pictures.Jpeg(640, 480, metadata: 600).AsSpan(0, 500)));
    }

    [Fact]
    public void Random_bytes_never_fail()
    {
        var random = new Random(20261130);
        byte[][] starts = [Pictures.Png(1, 1)[..16], [0xFF, 0xD8, 0xFF], Pictures.Gif(1, 1)[..8], Pictures.WebP(1, 1)[..16],
            "fLaC"u8.ToArray(),
            "RIFF0000WAVEfmt "u8.ToArray(), "ID3"u8.ToArray(), [0xFF, 0xFB], "%PDF-1.7 obj << /Filter /FlateDecode >> stream "u8.ToArray()];
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            byte[] file = [.. starts[random.Next(starts.Length)], .. bytes];
            if (PictureHeader.Read(file) is { } size) Assert.True(size is { Width: > 0, Height: > 0 });
            Assert.True(SoundLength.AtMost(file) >= 0);
            if (PdfContent.Measure(file) is { } document) Assert.True(document.Pages > 0);
        }
    }
}
