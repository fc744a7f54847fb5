using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using AiPipe.Proxy.Counters.Redis;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.Tests.Fixtures;

/// <summary>
/// A server in a process of its own that keeps nothing on disk except by <see cref="SaveAsync"/>. Not for concurrent use.
/// </summary>
public sealed class RedisProcess(RedisProgram program) : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, RedisProcess> Started = new(StringComparer.Ordinal);

    private static readonly TimeSpan JoiningTimeout = TimeSpan.FromSeconds(10);

    private readonly int _port = ServerPorts.Take();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aipipe-redis-");
    private readonly List<TestClock> _followers = [];
    private Process? _process;
    private bool _isPaused;
    private bool _isAway;

    /// <summary><c>127.0.0.1:port</c>, the same after every start.</summary>
    public string Address => $"127.0.0.1:{_port}";

    /// <summary>Tells a gateway's clock from now on when its server goes away and comes back.</summary>
    /// <param name="address">The server's address in the gateway's configuration.</param>
    /// <param name="clock">The clock.</param>
    /// <returns>Whether the server runs.</returns>
    internal static bool Follow(string? address, TimeProvider clock)
    {
        if (address?.Replace("redis://", "", StringComparison.Ordinal) is not { } name
            || !Started.TryGetValue(name, out var server)) return false;
        lock (server._followers)
        {
            if (clock is not TestClock follower) return !server._isAway;
            server._followers.Add(follower);
            follower.IsRedisAway = server._isAway;
            return !server._isAway;
        }
    }

    /// <summary>
    /// Waits until a replica counts in Redis: on a busy machine its start does not wait for that. Where a dead one is waited for, too, the
    /// test goes on without.
    /// </summary>
    internal static async Task JoinedAsync(IServiceProvider replica)
    {
        var calls = replica.GetRequiredService<LocalReservations>();
        for (var begun = Stopwatch.GetTimestamp(); calls.Member is null && Stopwatch.GetElapsedTime(begun) < JoiningTimeout;)
            await Task.Delay(TimeSpan.FromMilliseconds(20));
    }

    /// <summary>Makes it run, empty and without scripts, whatever was done to it before.</summary>
    public async Task ResetAsync()
    {
        lock (_followers) _followers.Clear();
        if (_isPaused) await ResumeAsync();
        if (_process is null) await StartAsync();
        await FlushAsync();
        await ForgetScriptsAsync();
    }

    /// <summary>Starts it, empty.</summary>
    public async Task StartAsync()
    {
        if (_process is not null) throw new InvalidOperationException("It runs already.");
        Started[Address] = this;
        SetAway(false);
        _process = await RunAsync();
    }

    /// <summary>Ends it as <c>kill -9</c> does; connections break at once, and new ones are refused.</summary>
    public async Task StopAsync()
    {
        if (_process is not { } process) return;
        (_process, _isPaused) = (null, false);
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        SetAway(true);
        File.Delete(DumpFile);
    }

    /// <summary>Freezes it: connections stay, and new ones are taken by the system, but nothing answers.</summary>
    public async Task PauseAsync()
    {
        await SignalAsync("STOP");
        // A thread that has not been scheduled since the signal may still respond.
        await Eventually.TrueAsync(AllThreadsStand, "every thread of the server standing still");
        _isPaused = true;
        SetAway(true);
    }

    /// <summary>Lets it go on; it then works off what has arrived meanwhile.</summary>
    public async Task ResumeAsync()
    {
        SetAway(false);
        await SignalAsync("CONT");
        _isPaused = false;
    }

    /// <summary>Forgets every key.</summary>
    public Task FlushAsync() => CommandAsync("FLUSHALL");

    /// <summary>Forgets every script, as a restarted server has.</summary>
    public Task ForgetScriptsAsync() => CommandAsync("SCRIPT FLUSH SYNC");

    /// <summary>Sends one command without a client library, and returns the first line of the response.</summary>
    /// <param name="line">The command; blanks separate its arguments.</param>
    /// <exception cref="InvalidOperationException">The response is an error.</exception>
    public async Task<string> CommandAsync(string line)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _port);
        await using var stream = client.GetStream();
        // Garnet takes no inline commands: a command is an array of bulk strings
        // (https://redis.io/docs/latest/develop/reference/protocol-spec/).
        var words = line.Split(' ');
        var command = $"*{words.Length}\r\n" + string.Concat(words.Select(word => $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n"));
        await stream.WriteAsync(Encoding.UTF8.GetBytes(command));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadLineAsync() ?? "-it hung up";
        return answer[0] != '-' ? answer : throw new InvalidOperationException($"Redis answers {line} with {answer}.");
    }

    /// <summary>Has it write all that it knows to its disk now.</summary>
    /// <returns>Where that is kept, whatever it writes later.</returns>
    public async Task<FileInfo> SaveAsync()
    {
        await CommandAsync("SAVE");
        return new FileInfo(DumpFile).CopyTo($"{DumpFile}-{Guid.NewGuid():N}");
    }

    /// <summary>Starts it with what it once knew.</summary>
    public async Task StartAsync(FileInfo saved)
    {
        saved.CopyTo(DumpFile, overwrite: true);
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Started.TryRemove(Address, out _);
        if (Directory.Exists(_folder.FullName)) _folder.Delete(recursive: true);
    }

    private string DumpFile => Path.Combine(_folder.FullName, "dump.rdb");

    private async Task<Process> RunAsync()
    {
        var start = new ProcessStartInfo(program.File, [.. program.Arguments, "--port", $"{_port}"])
        { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, UseShellExecute = false };
        var process = new Process { StartInfo = start };
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("Ready to accept connections", StringComparison.Ordinal) == true) ready.TrySetResult();
        };
        process.Start();
        process.BeginOutputReadLine();
        await Task.WhenAny(ready.Task, process.WaitForExitAsync()).WaitAsync(Eventually.Limit);
        if (ready.Task.IsCompleted) return process;
        process.Dispose();
        throw new InvalidOperationException($"{program.File} does not start on port {_port}.");
    }

    private void SetAway(bool isAway)
    {
        lock (_followers)
        {
            _isAway = isAway;
            foreach (var clock in _followers) clock.IsRedisAway = isAway;
        }
    }

    private bool AllThreadsStand() => !OperatingSystem.IsLinux() || Directory.GetDirectories($"/proc/{_process!.Id}/task")
        .All(static thread => File.ReadAllText(Path.Combine(thread, "stat")).Split(") ")[^1].StartsWith('T'));

    private async Task SignalAsync(string signal)
    {
        var process = _process ?? throw new InvalidOperationException("It does not run.");
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
        if (kill.ExitCode != 0) throw new InvalidOperationException($"kill -{signal} ended with {kill.ExitCode}.");
    }
}
