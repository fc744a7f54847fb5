using System.Diagnostics;
using System.Text;

namespace AiPipe.Tests.AppHost;

/// <summary>AiPipe as a user starts it, in a process of its own that can be killed.</summary>
internal sealed class StandaloneProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StandaloneProcess(Process process) => _process = process;

    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    public static StandaloneProcess Start(string folder, string urls = "http://127.0.0.1:0", params (string Name, string? Value)[] environment)
    {
        var dll = Path.Combine(AppContext.BaseDirectory, "AiPipe.AppHost.dll");
        var start = new ProcessStartInfo("dotnet", [dll, "--urls", urls])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment["AIPIPE_DATA"] = folder;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        foreach (var name in new[] { "AIPIPE_SECRET", "ConnectionStrings__aipipe", "OPENAI_API_KEY", "ADMIN_EMAILS" }) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var started = new StandaloneProcess(new Process { StartInfo = start });
        started._process.OutputDataReceived += (_, line) => started.Heard(line.Data);
        started._process.ErrorDataReceived += (_, line) => started.Heard(line.Data);
        started._process.Start();
        started._process.BeginOutputReadLine();
        started._process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Waits until it has printed its address.</summary>
    public async Task<Uri> AddressAsync(CancellationToken cancellationToken)
    {
        var ended = _process.WaitForExitAsync(cancellationToken);
        return await Task.WhenAny(_address.Task, ended) == _address.Task
            ? await _address.Task
            : throw new InvalidOperationException("It ended instead: " + Output);
    }

    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>kill -9, of it alone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGTERM, as a service manager stops it.</summary>
    public async Task<int> TerminateAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
        return await ExitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await TerminateAsync(CancellationToken.None);
        _process.Dispose();
    }

    private void Heard(string? line)
    {
        if (line is null) return;
        lock (_output) _output.AppendLine(line);
        if (line.StartsWith("  AiPipe ", StringComparison.Ordinal)) _address.TrySetResult(new Uri(line["  AiPipe ".Length..].Trim()));
    }
}
