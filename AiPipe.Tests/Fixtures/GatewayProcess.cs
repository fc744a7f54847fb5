using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using AiPipe.Proxy.Callers;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Fixtures;

/// <summary>The gateway in a process of its own, so that it can be killed.</summary>
public sealed partial class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;

    private GatewayProcess(Process process, string address) =>
        (_process, Http) = (process, new HttpClient(new SocketsHttpHandler
        {
            // Who leaves an answer leaves at once, instead of reading on for a while in the hope of using the connection again.
            ResponseDrainTimeout = TimeSpan.Zero,
        })
        {
            BaseAddress = new Uri(address),
        });

    public HttpClient Http { get; }

    public static async Task<GatewayProcess> StartAsync(
        Dictionary<string, string?> settings, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(typeof(Proxy.Program).Assembly.Location);
        start.ArgumentList.Add("--urls=http://127.0.0.1:0");
        start.ArgumentList.Add("--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information");
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        Gateway.BePatient(settings);
        foreach (var (key, value) in settings) start.ArgumentList.Add($"--{key}={value}");
        var process = Process.Start(start)!;
        var said = new StringBuilder();
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
        var first = await Task.WhenAny(address.Task, process.WaitForExitAsync(), Task.Delay(ServiceProcess.StartTimeout));
        if (first == address.Task) return new GatewayProcess(process, await address.Task);
        if (!process.HasExited) process.Kill();
        lock (said) throw new InvalidOperationException($"The gateway did not start: {said}");
    }

    /// <summary>The most memory that it ever held, as the operating system counts it.</summary>
    public long PeakMemoryKiB()
    {
        _process.Refresh();
        return _process.PeakWorkingSet64 >> 10;
    }

    /// <summary>The memory that it holds now, as the operating system counts it.</summary>
    public long MemoryKiB()
    {
        _process.Refresh();
        return _process.WorkingSet64 >> 10;
    }

    /// <summary>A call with a JSON body and somebody's token.</summary>
    public static HttpRequestMessage Post(string email, string json, string path = "/openai/v1/chat/completions")
    {
        var request = new HttpRequestMessage(
            HttpMethod.Post, path)
        { Content = new StringContent(json, new MediaTypeHeaderValue("application/json")) };
        request.Headers.Authorization = new("Bearer", Token(email));
        return request;
    }

    /// <summary>A request for a page of the API with a user's token.</summary>
    public static HttpRequestMessage Get(string email, string path) =>
        new(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Token(email)) } };

    /// <summary>What <c>/usage</c> says of somebody's own budget: spent and held, in USD.</summary>
    public async Task<(decimal Spent, decimal Held)> UsageAsync(string email)
    {
        using var response = await Http.SendAsync(Get(email, "/usage"));
        var usage = await response.EnsureSuccessStatusCode().JsonAsync();
        return (usage.GetProperty("spent").GetDecimal(), usage.GetProperty("held").GetDecimal());
    }

    /// <summary>The metrics as Prometheus reads them.</summary>
    public async Task<string> ScrapeAsync()
    {
        using var response = await Http.SendAsync(Get("admin@example.com", "/metrics"));
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    /// <summary>Asks it to end, as an orchestrator does, and returns its exit code when it has.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync().WaitAsync(Eventually.Limit);
        return _process.ExitCode;
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

    internal static string Token(string email) => Jwt.Sign(Encoding.UTF8.GetBytes($$"""{"email":"{{email}}"}"""), Encoding.UTF8.GetBytes(Gateway.Secret));

    [GeneratedRegex(@"Now listening on: (?<address>http://\S+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Listening();
}
