using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace AiPipe.Bench.Load;

/// <summary>A client's connection, one call after the other. It costs little, so that the load does not take what it measures.</summary>
internal sealed class KeptConnection : IDisposable
{
    private const int LargestAnswer = 256 << 10;

    /// <summary>The last chunk, which is empty, and the trailers behind it.</summary>
    private const int LongestEnd = 256;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[LargestAnswer];

    public static async Task<KeptConnection> OpenAsync(int port)
    {
        var connection = new KeptConnection();
        await connection._socket.ConnectAsync(IPAddress.Loopback, port);
        return connection;
    }

    /// <summary>Sends a request and reads its answer to the end.</summary>
    /// <param name="request">The bytes to send.</param>
    /// <param name="onRead">Sees what each read brought; false = leave in mid-answer, after which the connection is of no use.</param>
    /// <returns>The status; 0 for an answer that ended before its end.</returns>
    public async Task<int> CallAsync(byte[] request, Func<ReadOnlyMemory<byte>, bool>? onRead = null)
    {
        await _socket.SendAsync(request);
        var filled = 0;
        while (true)
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(filled));
            if (read == 0) return 0;
            filled += read;
            if (onRead is not null && !onRead(_buffer.AsMemory(filled - read, read))) return StatusOf(_buffer);
            if (IsWhole(_buffer.AsSpan(0, filled))) return StatusOf(_buffer);
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var headEnd = answer.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0) return false;
        var at = answer[..headEnd].IndexOf("Content-Length: "u8);
        if (at < 0) return answer.EndsWith("\r\n\r\n"u8) && answer[Math.Max(headEnd, answer.Length - LongestEnd)..]
            .IndexOf("\r\n0\r\n"u8) >= 0;
        return Utf8Parser.TryParse(answer[(at + "Content-Length: ".Length)..], out int length, out _)
            && answer.Length >= headEnd + 4 + length;
    }

    private static int StatusOf(ReadOnlySpan<byte> answer) =>
        Utf8Parser.TryParse(answer["HTTP/1.1 ".Length..], out int status, out _) ? status : 0;
}
