using System.Diagnostics;

namespace AiPipe.Tests.Scenarios;

/// <summary>A shell in which somebody types commands as a document prints them.</summary>
internal sealed class Shell : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("aipipe-shell-");
    private readonly Dictionary<string, string> _variables = [];
    private readonly List<string> _curl = ["noproxy = \"*\""];

    /// <summary>The headers of the last answer that <c>curl</c> got, as they came.</summary>
    public string Headers => File.ReadAllText(Path.Join(_home.FullName, "headers"));

    /// <summary>What <c>export</c> does.</summary>
    public Shell Export(string name, string value)
    {
        _variables[name] = value;
        return this;
    }

    /// <summary>Lets <c>curl</c> find a gateway where the document has one, so that the command need not be changed for it.</summary>
    /// <param name="printed">Host and port of the document.</param>
    /// <param name="address">The gateway's address.</param>
    public Shell Lead(string printed, string address)
    {
        _curl.Add($"connect-to = \"{printed}:{new Uri(address).Authority}\"");
        return this;
    }

    /// <summary>Lets a command fail if the gateway responds with an error.</summary>
    public Shell FailOnErrors()
    {
        _curl.Add("fail-with-body");
        return this;
    }

    /// <summary>Runs a command to its end; what it printed.</summary>
    public async Task<string> RunAsync(string command)
    {
        await File.WriteAllLinesAsync(
            Path.Join(_home.FullName, ".curlrc"), [.. _curl, $"dump-header = \"{Path.Join(_home.FullName, "headers")}\""]);
        var start = new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["CURL_HOME"] = _home.FullName },
        };
        foreach (var (name, value) in _variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command}\n{await error}{await output}");
        return await output;
    }

    public void Dispose() => _home.Delete(recursive: true);
}
