using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AiPipe.Bench.Parts;

/// <summary>A Redis of this run, in memory only.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    public const string NotUsed = "REDIS=1, but nothing was ever written to that Redis: this build does not use REDIS_ADDRESS. The "
        + "figures are those of counters in memory.";

    private readonly Part _process;
    private readonly int _port;

    private RedisServer(Part process, int port) => (_process, _port) = (process, port);

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    /// <summary>Starts one where <c>REDIS=1</c> asks for it.</summary>
    public static async Task<RedisServer?> StartIfAskedAsync(Folder folder)
    {
        if (Environment.GetEnvironmentVariable("REDIS") != "1") return null;
        var port = Part.FreePort();
        var process = Part.Start(folder, "redis", "redis-server",
            ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
                folder.Path]);
        return new RedisServer(await process.ListensAsync(port), port);
    }

    /// <summary>Whether anything is in it: a build that does not know the setting passes over it in silence.</summary>
    public async Task<bool> IsUsedAsync()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _port);
        await socket.SendAsync("DBSIZE\r\n"u8.ToArray());
        var answer = new byte[32];
        var read = await socket.ReceiveAsync(answer);
        return Encoding.ASCII.GetString(answer, 0, read).Trim() != ":0";
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
