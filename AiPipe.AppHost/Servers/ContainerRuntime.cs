using System.Diagnostics;

namespace AiPipe.AppHost.Servers;

/// <summary>Docker or Podman, if one of them answers.</summary>
internal static class ContainerRuntime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Asks as Aspire does (<c>docker container ls -n 1</c>), whose own resolver can be asked only once the model is built.
    /// </summary>
    /// <param name="configured"><c>ASPIRE_CONTAINER_RUNTIME</c>: the only one to be asked.</param>
    public static async Task<bool> AnswersAsync(string? configured)
    {
        string[] known = string.IsNullOrEmpty(configured) ? ["docker", "podman"] : [configured];
        return (await Task.WhenAll(known.Select(AskAsync))).Contains(true);
    }

    private static async Task<bool> AskAsync(string runtime)
    {
        var start = new ProcessStartInfo(runtime, ["container", "ls", "-n", "1"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
            using var patience = new CancellationTokenSource(Patience);
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or OperationCanceledException)
        {
            if (e is OperationCanceledException) process.Kill();
            return false;
        }
    }
}
