using System.Diagnostics;
using System.Globalization;
using System.Text;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.AppHost;

/// <summary>The AppHost in its own process, which a test can kill.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    /// <summary>The AppHost prints it with the first steps, when the proxy is ready.</summary>
    private const string Ready = "export AIPIPE_TOKEN=";

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AppHostProcess(Process process) => _process = process;

    public int Pid => _process.Id;

    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    /// <summary>Starts the AppHost.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="port">The proxy's port; 0 omits the option.</param>
    /// <param name="environment">Additional variables.</param>
    public static AppHostProcess Start(string folder, int port, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [FindProgram(), .. port > 0 ? new[] { $"--port={port}" } : []])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        (string, string)[] settings =
        [
            ("AIPIPE_DATA", folder), ("DOTNET_ENVIRONMENT", "Development"), ("containers", "false"),
            ("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "http://127.0.0.1:0"),
            ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "http://127.0.0.1:0"), .. environment,
        ];
        foreach (var (name, value) in settings) start.Environment[name] = value;
        // The orchestrator keeps the time that it is, and would not believe an AppHost at another time of day.
        string[] removed = ["AIPIPE_SECRET", "ConnectionStrings__aipipe", "OPENAI_API_KEY", "ADMIN_EMAILS", "LD_PRELOAD"];
        foreach (var name in removed) start.Environment.Remove(name);
        var started = new AppHostProcess(new Process { StartInfo = start });
        started._process.OutputDataReceived += started.Receive;
        started._process.ErrorDataReceived += started.Receive;
        started._process.Start();
        started._process.BeginOutputReadLine();
        started._process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Waits until the first steps are printed.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        var ended = _process.WaitForExitAsync(cancellationToken);
        var first = await Task.WhenAny(_ready.Task, ended, Task.Delay(ServiceProcess.StartTimeout, cancellationToken));
        if (first != _ready.Task) throw new InvalidOperationException("The AppHost is not ready: " + Output);
    }

    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(ServiceProcess.StartTimeout, cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Kills the AppHost as <c>kill -9</c> does, and its orchestrator if <paramref name="withOrchestrator"/> is true.</summary>
    public async Task KillAsync(bool withOrchestrator)
    {
        var orchestrators = withOrchestrator ? FindOrchestrators() : [];
        _process.Kill();
        foreach (var pid in orchestrators) Kill(pid);
        await _process.WaitForExitAsync();
    }

    /// <summary>Sends SIGTERM, as a service manager does. Ctrl-C has the same effect.</summary>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-TERM", Pid.ToString(CultureInfo.InvariantCulture)]);
        return await ExitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await StopAsync(CancellationToken.None);
        _process.Dispose();
    }

    // The program in the build folder of AiPipe.AppHost. The copy beside the tests lacks its dependencies.
    public static string FindProgram()
    {
        var ours = new DirectoryInfo(AppContext.BaseDirectory);
        var solution = ours.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(solution, "AiPipe.AppHost", "bin", ours.Parent.Name, ours.Name, "AiPipe.AppHost.dll");
    }

    // The command line of the orchestrator's server names the process that it monitors. Its controllers are a child process.
    private List<int> FindOrchestrators()
    {
        int[] pids = [.. Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid > 0)];
        int[] servers = [.. pids.Where(pid => ReadCommand(pid).Contains($"--monitor {Pid} ", StringComparison.Ordinal))];
        return [.. servers.Concat(pids.Where(pid => servers.Contains(ReadParent(pid))))];
    }

    private static string ReadCommand(int pid) => Read(pid, "cmdline").Replace('\0', ' ');

    private static int ReadParent(int pid)
    {
        var stat = Read(pid, "stat");
        if (stat.Length == 0) return 0;
        return int.Parse(stat[(stat.LastIndexOf(')') + 4)..].Split(' ')[0], CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a file of <c>/proc/PID</c>; empty if the process has ended or belongs to another user.</summary>
    public static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // The orchestrator exited with the AppHost.
        }
    }

    private void Receive(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null) return;
        lock (_output) _output.AppendLine(line.Data);
        if (line.Data.Contains(Ready, StringComparison.Ordinal)) _ready.TrySetResult();
    }
}
