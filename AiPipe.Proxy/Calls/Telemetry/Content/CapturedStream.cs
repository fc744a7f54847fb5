using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Calls.Telemetry.Content;

internal sealed class CapturedStream(Stream response, OutputCapture output) : ResponseStream(response)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await Answer.ReadAsync(buffer, cancellationToken);
        output.Read(buffer.Span[..read]);
        return read;
    }
}
