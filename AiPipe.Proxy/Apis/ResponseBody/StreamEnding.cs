using System.Buffers;
using System.Text.Json;

namespace AiPipe.Proxy.Apis.ResponseBody;

/// <summary>The end of a stream that is stopped between two events (<see cref="WireApi.EndStream"/>).</summary>
internal static class StreamEnding
{
    public static ReadOnlyMemory<byte> Create(ReadOnlySpan<byte> before, Action<Utf8JsonWriter> write, ReadOnlySpan<byte> after)
    {
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write(before);
        using (var json = new Utf8JsonWriter(bytes)) write(json);
        bytes.Write(after);
        return bytes.WrittenMemory;
    }
}
