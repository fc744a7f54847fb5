using System.Text;

namespace AiPipe.Proxy.Accounts.Classes.Csv;

/// <summary>Bytes of a pasted or uploaded table as text.</summary>
internal static class UploadedText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>UTF-8 or UTF-16 by the mark at its beginning, else UTF-8; what is none comes from an old spreadsheet and is Latin-1.</summary>
    public static string Decode(byte[] bytes)
    {
        try
        {
            using var reader = new StreamReader(new MemoryStream(bytes), Strict, detectEncodingFromByteOrderMarks: true);
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }
}
