using System.Diagnostics;
using AiPipe.Tests.Clients;

[assembly: AssemblyFixture(typeof(NpmPackages))]

namespace AiPipe.Tests.Clients;

/// <summary>The SDKs of the folder <c>npm</c>, installed once in the folder of the tests, and the scripts that use them.</summary>
public sealed class NpmPackages
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Clients", "npm");

    private readonly Lazy<Task<string?>> _problem = new(InstallAsync);

    /// <summary>Runs a script to its end; the lines that it printed. Skips the test where the packages cannot be installed.</summary>
    public async Task<string[]> RunAsync(string script, params string[] arguments)
    {
        if (await _problem.Value is { } problem) Assert.Skip($"The SDKs of npm cannot be installed: {problem}");
        var (exit, output, error) = await StartAsync("node", [script, .. arguments]);
        Assert.True(exit == 0, error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task<string?> InstallAsync()
    {
        try
        {
            var (exit, _, error) = await StartAsync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
            return exit == 0 ? null : error;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }

    private static async Task<(int Exit, string Output, string Error)> StartAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var tooLong = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var (output, error) = (process.StandardOutput.ReadToEndAsync(tooLong.Token), process.StandardError.ReadToEndAsync(tooLong.Token));
        try
        {
            await process.WaitForExitAsync(tooLong.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
