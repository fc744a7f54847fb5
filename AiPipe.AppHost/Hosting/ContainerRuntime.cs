using System.ComponentModel;
using System.Diagnostics;

namespace AiPipe.AppHost.Hosting;

/// <summary>Detects Docker or Podman.</summary>
internal static class ContainerRuntime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// True when a container runtime is installed and running. Aspire's own check (<c>docker container ls -n 1</c>) is only available after
    /// the model is built, and the model depends on the result.
    /// </summary>
    /// <param name="configured">The value of <c>ASPIRE_CONTAINER_RUNTIME</c>: the only runtime to try.</param>
    public static async Task<bool> IsAvailableAsync(string? configured)
    {
        string[] candidates = string.IsNullOrEmpty(configured) ? ["docker", "podman"] : [configured];
        return (await Task.WhenAll(candidates.Select(IsRunningAsync))).Contains(true);
    }

    private static async Task<bool> IsRunningAsync(string program)
    {
        var start = new ProcessStartInfo(program, ["container", "ls", "-n", "1"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = new Process { StartInfo = start };
        using var timeout = new CancellationTokenSource(Timeout);
        try
        {
            process.Start();
            await process.WaitForExitAsync(timeout.Token);
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return false;
        }
    }
}
