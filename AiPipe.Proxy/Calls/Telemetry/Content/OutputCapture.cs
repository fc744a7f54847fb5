using System.Buffers;
using System.Text.Json;
using AiPipe.Proxy.Apis.Content;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Calls.Telemetry.Content;

/// <summary>Captures the output of a call as it passes. Events that cannot be parsed are skipped.</summary>
internal sealed class OutputCapture(OutputMessages output)
{
    /// <summary>A larger event, or a larger response that is not a stream, is not captured.</summary>
    private const int MaxDocumentBytes = 1 << 20;

    private readonly ArrayBufferWriter<byte> _document = new();
    private readonly SseEvents _events = new();
    private bool? _isEventStream;
    private bool _isTooLarge;

    public void Read(ReadOnlySpan<byte> bytes)
    {
        if (_isEventStream is null)
        {
            var first = bytes.IndexOfAnyExcept(" \t\r\n"u8);
            if (first < 0) return;
            _isEventStream = bytes[first] is not ((byte)'{' or (byte)'[');
        }
        if (_isEventStream == false)
        {
            Keep(bytes);
            return;
        }
        var at = 0;
        while (_events.Next(bytes, ref at, out var data) is var piece and not SsePiece.None)
        {
            if (piece == SsePiece.Data) Keep(data);
            else EndDocument();
        }
    }

    public string? ToJson()
    {
        if (_isEventStream == false) EndDocument();
        return output.Messages is { Count: > 0 } messages ? GenAiMessage.Serialize(messages) : null;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        _isTooLarge |= _document.WrittenCount + bytes.Length > MaxDocumentBytes;
        if (!_isTooLarge) _document.Write(bytes);
    }

    private void EndDocument()
    {
        try
        {
            if (_isTooLarge || _document.WrittenCount == 0) return;
            using var json = JsonDocument.Parse(_document.WrittenMemory);
            output.Add(json.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The event [DONE], or JSON that does not match the API.
        }
        finally
        {
            _document.ResetWrittenCount();
            _isTooLarge = false;
        }
    }
}
