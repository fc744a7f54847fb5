using System.Buffers;
using System.Text;
using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Calls.Redaction;

/// <summary>A provider's error, read whole so that keys are found in every form.</summary>
internal static class RedactedError
{
    /// <summary>The most bytes of an error that are passed on.</summary>
    public const int MostBytes = 256 << 10;

    /// <summary>How long an error may take; what has arrived by then is passed on.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private static readonly byte[] Withheld =
        """{"error":{"message":"The provider's error is withheld, because it quotes a secret.","type":"upstream_error"}}"""u8.ToArray();

    /// <summary>Reads the body of an error and hides keys in it.</summary>
    /// <param name="answer">The provider's response; its content is replaced.</param>
    /// <param name="response">The response to the caller, with the provider's headers.</param>
    public static async Task ReadAsync(
        HttpResponseMessage answer, HttpResponse response, CallRedaction redaction, CancellationToken cancellationToken)
    {
        var bytes = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var decoded = DecompressedResponse.Open(bytes, answer.Content.Headers, out var isDecoded);
        if (isDecoded) response.Headers.ContentEncoding = default;
        var body = await ReadAsync(decoded, cancellationToken);
        // Each byte is one character, so that bytes that are no text pass unchanged.
        if (body.Length > 0)
            body = redaction.Hide(Encoding.Latin1.GetString(body)) is { Length: > 0 } text ? Encoding.Latin1.GetBytes(text) : Withheld;
        response.ContentLength = body.Length;
        answer.Content = new ByteArrayContent(body);
    }

    /// <summary>True if an error has a word in its body, which stays readable.</summary>
    public static async Task<bool> MentionsAsync(HttpResponseMessage answer, string word, CancellationToken cancellationToken)
    {
        var headers = answer.Content.Headers;
        var decoded = DecompressedResponse.Open(await answer.Content.ReadAsStreamAsync(cancellationToken), headers, out var isDecoded);
        var body = await ReadAsync(decoded, cancellationToken);
        var copy = new ByteArrayContent(body);
        copy.Headers.ContentType = headers.ContentType;
        if (!isDecoded) foreach (var coding in headers.ContentEncoding) copy.Headers.ContentEncoding.Add(coding);
        answer.Content = copy;
        return body.AsSpan().IndexOf(Encoding.ASCII.GetBytes(word)) >= 0;
    }

    private static async Task<byte[]> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var read = new ArrayBufferWriter<byte>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(Timeout);
        try
        {
            while (read.WrittenCount < MostBytes && await body.ReadAsync(read.GetMemory(), end.Token) is > 0 and var count)
                read.Advance(count);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The caller gets what has arrived.
        }
        return read.WrittenSpan[..Math.Min(read.WrittenCount, MostBytes)].ToArray();
    }
}
