using System.IO.Compression;
using System.Text;

namespace AiPipe.Tests.Apis.RequestBody;

/// <summary>Small PDF files.</summary>
internal static class Pdfs
{
    /// <param name="pages">Each has the text.</param>
    /// <param name="filler">Bytes of an image that fill the file.</param>
    internal static byte[] Plain(int pages, string text, int filler = 0)
    {
        var file = new MemoryStream();
        Write(file, "%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n");
        Write(file, $"2 0 obj << /Type /Pages /Kids [3 0 R] /Count {pages} >> endobj\n");
        for (var page = 0; page < pages; page++)
        {
            Write(file, $"{3 + page} 0 obj << /Type /Page /Parent 2 0 R /Contents {100 + page} 0 R >> endobj\n");
            Stream(file, $"{100 + page} 0 obj << /Filter /FlateDecode >>", Deflate($"BT /F1 12 Tf ({text}) Tj ET"));
        }
        if (filler > 0) Stream(file, "99 0 obj << /Type /XObject /Subtype /Image /Filter /DCTDecode >>", new byte[filler]);
        Write(file, "trailer << /Root 1 0 R >>\n%%EOF");
        return file.ToArray();
    }

    /// <summary>Its pages stand in a compressed stream, as in most files since PDF 1.5.</summary>
    internal static byte[] Packed(int pages, string dictionary = "/Filter /FlateDecode")
    {
        var objects = new StringBuilder();
        for (var page = 0; page < pages; page++) objects.Append("<< /Type/Page /Parent 2 0 R >>\n");
        var file = new MemoryStream();
        Write(file, "%PDF-1.7\n");
        Stream(file, $"7 0 obj << /Type /ObjStm /N {pages} {dictionary} >>", Deflate(objects.ToString()));
        return file.ToArray();
    }

    internal static byte[] Deflate(string text)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal)) zlib.Write(Encoding.Latin1.GetBytes(text));
        return packed.ToArray();
    }

    private static void Stream(MemoryStream file, string dictionary, byte[] data)
    {
        Write(file, dictionary + "\nstream\n");
        file.Write(data);
        Write(file, "\nendstream endobj\n");
    }

    private static void Write(MemoryStream file, string text) => file.Write(Encoding.Latin1.GetBytes(text));
}
