using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.ResponseBody;

/// <summary>Reads a response that is one JSON document, including Gemini's streams without <c>alt=sse</c> (an array of events).</summary>
internal sealed class JsonUsageReader(ApiResponse answer) : IUsageReader
{
    private readonly JsonFieldScanner _scanner = new(answer.Paths, answer);

    public TokenUsage? Usage => answer.Usage;
    public ResponseFacts Facts => answer.Facts;
    public OutputCount Output => answer.Output;
    public bool SawError => answer.SawError;
    public bool SawEnd => _scanner.IsComplete;
    public int LastEventEnd => _scanner.LastElementEnd;

    public void Read(ReadOnlySpan<byte> bytes) => _scanner.Read(bytes);
}
