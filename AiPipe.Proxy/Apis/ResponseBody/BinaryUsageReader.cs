using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Apis.ResponseBody;

/// <summary>A response that is neither JSON nor events, such as sound: it has no report, and is complete when it ends.</summary>
internal sealed class BinaryUsageReader : IUsageReader
{
    private static readonly TokenUsage Delivered = new();

    private bool _hasBegun;

    /// <summary>Says only that something was delivered.</summary>
    public TokenUsage? Usage => _hasBegun ? Delivered : null;
    public ResponseFacts Facts => new(Id: null, Model: null, FinishReason: _hasBegun ? "stop" : null, ServiceTier: null);
    public OutputCount Output => default;
    public bool SawError => false;
    public bool SawEnd => false;
    public int LastEventEnd => -1;

    public void Read(ReadOnlySpan<byte> bytes) => _hasBegun |= !bytes.IsEmpty;
}
