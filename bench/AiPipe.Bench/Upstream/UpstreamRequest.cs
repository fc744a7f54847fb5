using System.Buffers.Text;

namespace AiPipe.Bench.Upstream;

/// <summary>The little that the fake upstream wants to know of a request.</summary>
/// <param name="Length">In bytes, head and body.</param>
/// <param name="IsSlow">Its path begins with <c>/50ms</c>.</param>
/// <param name="Streams">Its body asks for a stream.</param>
/// <param name="MaxTokens">The most tokens that the answer may have.</param>
/// <param name="IsForRecord">Asks what was served, instead of being served.</param>
internal readonly record struct UpstreamRequest(int Length, bool IsSlow, bool Streams, int MaxTokens, bool IsForRecord)
{
    /// <summary>Reads one request off the front of what arrived; false while it is not whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out UpstreamRequest request)
    {
        request = default;
        var headEnd = bytes.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0) return false;
        var head = bytes[..(headEnd + 2)];
        var length = headEnd + 4 + ContentLength(head);
        if (bytes.Length < length) return false;
        var target = head[(head.IndexOf((byte)' ') + 1)..];
        var body = bytes[headEnd..length];
        request = new UpstreamRequest(length,
            IsSlow: target.StartsWith("/50ms"u8),
            Streams: body.IndexOf("\"stream\":true"u8) >= 0,
            MaxTokens: NumberAfter(body, "\"max_tokens\":"u8) ?? int.MaxValue,
            IsForRecord: target.StartsWith("/record"u8));
        return true;
    }

    // All of the proxies here write it in one of these two ways.
    private static int ContentLength(ReadOnlySpan<byte> head) =>
        NumberAfter(head, "Content-Length: "u8) ?? NumberAfter(head, "content-length: "u8) ?? 0;

    private static int? NumberAfter(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        var at = text.IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(text[(at + name.Length)..], out int number, out _) ? number : null;
    }
}
