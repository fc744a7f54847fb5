using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AiPipe.Proxy.Providers.Demo;

internal static class DemoJson
{
    /// <summary>Ends a stream of chat or completion events.</summary>
    public static readonly ReadOnlyMemory<byte> Done = "data: [DONE]\n\n"u8.ToArray();

    /// <summary>Non-ASCII text is not escaped, as with other providers.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static HttpContent Body(Action<Utf8JsonWriter> write)
    {
        var content = new ReadOnlyMemoryContent(Write(new ArrayBufferWriter<byte>(), write));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    public static ReadOnlyMemory<byte> Event(Action<Utf8JsonWriter> write, string? name = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        if (name is not null) buffer.Write(Encoding.UTF8.GetBytes($"event: {name}\n"));
        buffer.Write("data: "u8);
        Write(buffer, write);
        buffer.Write("\n\n"u8);
        return buffer.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Write(ArrayBufferWriter<byte> buffer, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(buffer, Options)) write(json);
        return buffer.WrittenMemory;
    }
}
