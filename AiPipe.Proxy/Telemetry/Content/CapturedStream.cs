using AiPipe.Proxy.Journey.Metering;

namespace AiPipe.Proxy.Telemetry.Content;

/// <summary>Shows a response's bytes to an <see cref="OutputCapture"/> as they pass.</summary>
internal sealed class CapturedStream(Stream response, OutputCapture output) : AnswerStream(response)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await Answer.ReadAsync(buffer, cancellationToken);
        output.Read(buffer.Span[..read]);
        return read;
    }
}
