using System.CommandLine;
using System.CommandLine.Invocation;

namespace AiPipe.ServiceDefaults;

/// <summary>The command line of a service's program: settings of the service, or a command that runs beside it.</summary>
internal static class ServiceCommandLine
{
    /// <summary>Finds the command: the first argument, unless it is a setting of the service.</summary>
    public static string? FindCommand(string[] args) =>
        args is [{ } first, ..] && (first is "--help" or "-h" || (first.Length > 0 && first[0] is not ('-' or '/') && !first.Contains('='))) ? first : null;

    /// <summary>Runs a command. An error is one line.</summary>
    /// <param name="root">Has the commands.</param>
    /// <param name="args">All arguments.</param>
    /// <param name="console">Where the command and its errors are written.</param>
    /// <returns>The exit code: 0, or 1 after an error.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] args, InvocationConfiguration console)
    {
        var parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction error) error.ShowHelp = false;
        console.EnableDefaultExceptionHandler = false;
        try
        {
            return await parsed.InvokeAsync(console);
        }
        catch (Exception e)
        {
            await console.Error.WriteLineAsync($"{parsed.CommandResult.Command.Name} failed: {StartFailure.Describe(e)}");
            return 1;
        }
    }
}
