using System.Text;
using AiPipe.Proxy.Apis.RequestBody.Media;

namespace AiPipe.Tests.Apis.RequestBody.Media;

public sealed class PdfTests
{
    [Fact]
    public void Pages_and_text_are_counted()
    {
        var document = PdfContent.Measure(Pdfs.Plain(3, "Hello \\(world\\)", filler: 75_000))!.Value;
        Assert.Equal(3, document.Pages);
        Assert.InRange(document.TextTokens, 3 * 13, 3 * (13 + 64));
    }

    [Fact]
    public void Pages_in_a_compressed_stream_are_counted() => Assert.Equal(1_000, PdfContent.Measure(Pdfs.Packed(1_000))!.Value.Pages);

    [Theory]
    [InlineData("/Type /Pages /Count 500 /Kids [3 0 R]", 500)]
    [InlineData("/Type/Page /Count\n\t12", 12)]
    [InlineData("/Type /P#61ge", 1)]
    [InlineData("/Type /Page>> <</Type/Page>> <</Type /Page/X", 3)]
    [InlineData("/Type /Page /PageLabels 5 0 R", 1)]
    public void Every_way_to_state_a_page_counts(string dictionary, long pages) =>
        Assert.Equal(pages, PdfContent.Measure(Encoding.ASCII.GetBytes($"%PDF-1.4\n1 0 obj <<{dictionary}>> endobj"))!.Value.Pages);

    [Fact]
    public void What_hides_its_pages_has_no_bound()
    {
        Assert.Null(PdfContent.Measure(Pdfs.Packed(9, "/Filter /LZWDecode")));
        Assert.Null(PdfContent.Measure(Pdfs.Packed(9, "/Filter [/ASCII85Decode /FlateDecode]")));
        Assert.Null(PdfContent.Measure(Pdfs.Packed(9, "/Filter 12 0 R")));
        Assert.Null(PdfContent.Measure([.. Pdfs.Plain(1, "x"), .. "trailer << /Encrypt 5 0 R >>"u8]));
        Assert.Null(PdfContent.Measure("%PDF-1.4 nothing"u8));
    }

    [Fact]
    public void A_stream_that_grows_without_end_has_no_bound()
    {
        var packed = Pdfs.Deflate(new string('(', 40 << 20));
        Assert.Null(PdfContent.Measure(
            [.. "%PDF-1.4 1 0 obj <</Type/Page/Filter/FlateDecode>> stream\n"u8, .. packed, .. "\nendstream"u8]));
    }

    [Theory]
    [InlineData("gpt-4o", 2 * 1_445 + 100, 2 * (1_445 + 64) + 200)]
    [InlineData("gpt-5-mini", 2 * 2_489 + 100, 2 * (2_489 + 64) + 200)]
    [InlineData("gemini-2.5-flash", 2 * 1_120, 2 * 1_120)]
    [InlineData("own", 2 * 50_000 + 100, 2 * (50_000 + 64) + 200)]
    public void A_page_counts_as_a_picture_and_its_text(string model, long least, long most)
    {
        var document = PdfContent.Measure(Pdfs.Plain(2, new string('x', 50)))!.Value;
        Assert.InRange(MediaTokens.AtMost(document, model), least, most);
    }
}
