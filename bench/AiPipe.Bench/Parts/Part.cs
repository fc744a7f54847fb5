using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AiPipe.Bench.Parts;

/// <summary>A process that this run started, and ends by its id.</summary>
internal sealed class Part : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private static readonly ConcurrentDictionary<int, Part> Running = new();

    private readonly Process _process;
    private readonly string _log;

    private Part(Process process, string log)
    {
        (_process, _log) = (process, log);
        Running[Pid] = this;
    }

    public int Pid => _process.Id;

    /// <summary>Starts a program; what it prints goes to a file.</summary>
    public static Part Start(
        Folder folder, string name, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var log = Path.Combine(folder.Path, name + ".log");
        // The shell becomes the program, so that its id is the program's.
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", "exec \"$@\" >\"$0\" 2>&1", log, program, .. arguments])
        { WorkingDirectory = "/" };
        // Set for the load only: the measured programs start as their users start them.
        start.Environment.Remove(Inline.Variable);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        return new Part(Process.Start(start)!, log);
    }

    /// <summary>Waits until it takes connections.</summary>
    /// <exception cref="InvalidOperationException">It ended instead, or takes too long.</exception>
    public async Task<Part> ListensAsync(int port)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (_process.HasExited || waited.Elapsed > StartLimit)
                throw new InvalidOperationException($"It did not start: {string.Join(" | ", File.ReadLines(_log).TakeLast(5))}");
            try
            {
                using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await probe.ConnectAsync(IPAddress.Loopback, port);
                return this;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>Asks it to end, as a service manager does, and insists when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Running.TryRemove(Pid, out _)) return;
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", Pid.ToString(CultureInfo.InvariantCulture)]);
            using var limit = new CancellationTokenSource(StopLimit);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }
        _process.Dispose();
    }

    /// <summary>Ends all that still run, the last to start first: for a run that is interrupted.</summary>
    public static async Task EndAllAsync()
    {
        foreach (var part in Running.Values.OrderByDescending(part => part.Pid)) await part.DisposeAsync();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>A temporary folder of this run.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("aipipe-bench-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>Sockets whose answers are taken on the thread that heard of them: less noise in the load, and less CPU.</summary>
internal static class Inline
{
    public const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Only before the first socket of the process.</summary>
    public static void Choose() => Environment.SetEnvironmentVariable(Variable, "1");
}
