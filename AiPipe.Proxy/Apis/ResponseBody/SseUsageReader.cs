using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.ResponseBody;

internal sealed class SseUsageReader(ApiResponse answer) : IUsageReader
{
    private const int NotDone = -1;

    private readonly SseEvents _events = new();
    private readonly JsonFieldScanner _scanner = new(answer.Paths, answer);
    /// <summary>The matched length of <c>[DONE]</c>; <see cref="NotDone"/> = the event is something else.</summary>
    private int _done;
    private bool _sawDone;

    private static ReadOnlySpan<byte> Done => "[DONE]"u8;

    public TokenUsage? Usage => answer.Usage;
    public ResponseFacts Facts => answer.Facts;
    public OutputCount Output => answer.Output;
    public bool SawError => answer.SawError;
    public bool SawEnd => _sawDone || answer.SawEnd;
    public int LastEventEnd { get; private set; } = -1;

    public void Read(ReadOnlySpan<byte> bytes)
    {
        LastEventEnd = -1;
        var at = 0;
        while (_events.Next(bytes, ref at, out var data) is var piece and not SsePiece.None)
        {
            if (piece == SsePiece.Data)
            {
                LookForDone(data);
                _scanner.Read(data);
                continue;
            }
            _sawDone |= _done == Done.Length;
            _done = 0;
            if (_events.TakeError()) answer.ErrorEnded();
            answer.EventEnded();
            _scanner.Reset();
            LastEventEnd = at;
        }
    }

    private void LookForDone(ReadOnlySpan<byte> data)
    {
        if (_done == NotDone) return;
        _done = Done[_done..].StartsWith(data) ? _done + data.Length : NotDone;
    }
}
