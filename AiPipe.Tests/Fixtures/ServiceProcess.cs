using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace AiPipe.Tests.Fixtures;

/// <summary>The Proxy or the Portal as a container runs it: <c>dotnet AiPipe.Proxy.dll</c>, configured by its environment.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    /// <summary>Prefixes of variables that belong to whoever runs the tests.</summary>
    private static readonly string[] Foreign =
    [
        "ASPNETCORE_", "DOTNET_ENVIRONMENT", "AIPIPE", "ConnectionStrings_", "services_", "Portal_", "Logging_", "OTEL_", "ADMIN_EMAILS",
        "REDIS_ADDRESS",
    ];

    /// <summary>Several processes that start on a busy machine take long.</summary>
    public static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(Process process) => _process = process;

    /// <summary>Both streams, as far as they were read.</summary>
    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    /// <summary>Standard error, as far as it was read.</summary>
    public string Errors
    {
        get { lock (_output) return _errors.ToString(); }
    }

    public static ServiceProcess StartProxy(Dictionary<string, string?> environment) => Start(typeof(Proxy.Program), environment);

    public static ServiceProcess StartPortal(Dictionary<string, string?> environment) => Start(typeof(AiPipe.Portal.Program), environment);

    /// <summary>Waits until it listens.</summary>
    public async Task<Uri> AddressAsync()
    {
        var ended = _process.WaitForExitAsync();
        return await Task.WhenAny(_address.Task, ended).WaitAsync(StartTimeout) == ended
            ? throw new InvalidOperationException($"It ended instead: {Output}")
            : await _address.Task;
    }

    /// <summary>Waits for its end and returns the exit code.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(StartTimeout);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM, as an orchestrator stops it.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        return await ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static ServiceProcess Start(Type program, Dictionary<string, string?> environment) =>
        Start(["dotnet", program.Assembly.Location], environment, workingDirectory: "");

    /// <summary>Starts a service by a command of the test's own.</summary>
    public static ServiceProcess Start(string[] command, Dictionary<string, string?> environment, string workingDirectory)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in start.Environment.Keys.Where(IsForeign).ToList()) start.Environment.Remove(name);
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information";
        foreach (var (name, value) in environment)
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }
        var service = new ServiceProcess(new Process { StartInfo = start });
        service._process.OutputDataReceived += (_, line) => service.Read(line.Data);
        service._process.ErrorDataReceived += (_, line) => service.Read(line.Data, isError: true);
        service._process.Start();
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        return service;
    }

    private static bool IsForeign(string name) =>
        Array.Exists(Foreign, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private void Read(string? line, bool isError = false)
    {
        if (line is null) return;
        lock (_output)
        {
            _output.AppendLine(line);
            if (isError) _errors.AppendLine(line);
        }
        if (Listening().Match(line) is { Success: true } match) _address.TrySetResult(new Uri(match.Groups["address"].Value));
    }

    [GeneratedRegex(@"Now listening on: (?<address>http://\S+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Listening();
}
