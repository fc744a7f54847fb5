using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Apis.ResponseBody;

/// <summary>Detects the format of a response from its first byte, since some providers declare a wrong content type.</summary>
internal sealed class SniffedUsageReader(WireApi api, string? mediaType) : IUsageReader
{
    private IUsageReader _reader = UsageReaders.For(api, mediaType);
    private bool _begun = api.IsBinary(mediaType);

    /// <summary>The declared content type, until the first byte contradicts it.</summary>
    public string? MediaType { get; private set; } = mediaType;

    public TokenUsage? Usage => _reader.Usage;
    public ResponseFacts Facts => _reader.Facts;
    public OutputCount Output => _reader.Output;
    public bool SawError => _reader.SawError;
    public bool SawEnd => _reader.SawEnd;
    public int LastEventEnd => _reader.LastEventEnd;

    public void Read(ReadOnlySpan<byte> bytes)
    {
        if (!_begun) Begin(bytes);
        _reader.Read(bytes);
    }

    private void Begin(ReadOnlySpan<byte> bytes)
    {
        var first = bytes.IndexOfAnyExcept(" \t\r\n"u8);
        if (first < 0) return;
        _begun = true;
        var isEventStream = UsageReaders.IsEventStream(MediaType);
        var told = (char)bytes[first] switch
        {
            '{' or '[' when isEventStream => UsageReaders.Json,
            // data:, event:, id:, retry: and comments.
            'd' or 'e' or 'i' or 'r' or ':' when !isEventStream => UsageReaders.EventStream,
            _ => null,
        };
        if (told is not null) (MediaType, _reader) = (told, UsageReaders.For(api, told));
    }
}
