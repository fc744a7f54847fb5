using System.Diagnostics;
using System.Text.RegularExpressions;

namespace AiPipe.Tests.Fixtures;

/// <summary>The gateway in a process of its own, so that it can be killed.</summary>
public sealed partial class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private GatewayProcess(Process process, string address) =>
        (_process, Http) = (process, new HttpClient { BaseAddress = new Uri(address) });

    public HttpClient Http { get; }

    public static async Task<GatewayProcess> StartAsync(Dictionary<string, string?> settings)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(typeof(Proxy.Program).Assembly.Location);
        start.ArgumentList.Add("--urls=http://127.0.0.1:0");
        start.ArgumentList.Add("--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information");
        foreach (var (key, value) in settings) start.ArgumentList.Add($"--{key}={value}");
        var process = Process.Start(start)!;
        var said = new System.Text.StringBuilder();
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Hear(object sender, DataReceivedEventArgs line)
        {
            lock (said) said.AppendLine(line.Data);
            if (Listening().Match(line.Data ?? "") is { Success: true } match) address.TrySetResult(match.Groups["address"].Value);
        }
        process.OutputDataReceived += Hear;
        process.ErrorDataReceived += Hear;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var ended = process.WaitForExitAsync();
        if (await Task.WhenAny(address.Task, ended).WaitAsync(StartLimit) == ended)
        {
            lock (said) throw new InvalidOperationException($"The gateway did not start: {said}");
        }
        return new GatewayProcess(process, await address.Task);
    }

    /// <summary>The most memory that it ever held, as the operating system counts it.</summary>
    public long PeakMemoryKiB()
    {
        _process.Refresh();
        return _process.PeakWorkingSet64 >> 10;
    }

    /// <summary>Ends it as <c>kill -9</c> does: without a chance to write anything.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    [GeneratedRegex(@"Now listening on: (?<address>http://\S+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listening();
}
