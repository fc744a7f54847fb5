using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace AiPipe.ServiceDefaults;

/// <summary>The main program of a service.</summary>
public static class ServiceProgram
{
    /// <summary>
    /// Runs the command in the arguments, or without one the service, until the process is stopped. A failure is reported in one line on
    /// standard error.
    /// </summary>
    /// <param name="args">The command line.</param>
    /// <param name="createCommands">Creates the program's commands.</param>
    /// <param name="build">Builds the service. It calls the given action with its builder.</param>
    /// <returns>The exit code: 0, or 1 after an error.</returns>
    public static async Task<int> RunAsync(
        string[] args, Func<RootCommand> createCommands, Func<Action<WebApplicationBuilder>, WebApplication> build)
    {
        if (ServiceCommandLine.FindCommand(args) is { } command)
            return await ServiceCommandLine.RunAsync(createCommands(), args, command, new InvocationConfiguration());
        var isRunning = false;
        IHostApplicationLifetime? lifetime = null;
        try
        {
            await using var app = build(builder => builder.CheckListenAddress().Logging.HideStartFailures(() => isRunning));
            lifetime = app.Lifetime;
            await app.StartAsync();
            isRunning = true;
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (OperationCanceledException) when (lifetime?.ApplicationStopping.IsCancellationRequested == true)
        {
            // A signal stopped the service during its start.
            return 0;
        }
        catch (Exception e)
        {
            var what = isRunning ? "AiPipe ended with an error" : "AiPipe cannot start";
            await Console.Error.WriteLineAsync($"{what}: {StartFailure.Describe(e)}");
            return 1;
        }
    }
}
