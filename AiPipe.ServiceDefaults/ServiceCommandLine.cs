using System.CommandLine;
using System.CommandLine.Invocation;

namespace AiPipe.ServiceDefaults;

/// <summary>The command line of a service's program. It has settings of the service, or a command to run instead of the service.</summary>
internal static class ServiceCommandLine
{
    private static readonly string[] BuiltInOptions = ["--help", "--version"];

    /// <summary>
    /// Finds the first argument that belongs to no setting. Settings are <c>--Key=value</c>, <c>--Key value</c>, the same with <c>/</c>,
    /// and <c>Key=value</c>. Configuration ignores other arguments, so the service would start despite a misspelt command.
    /// </summary>
    /// <returns>The argument; <c>null</c> if all arguments are settings.</returns>
    public static string? FindCommand(string[] args)
    {
        if (args.Length > 0 && BuiltInOptions.Contains(args[0], StringComparer.Ordinal)) return args[0];
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i].Contains('=', StringComparison.Ordinal)) continue;
            var isKey = args[i].StartsWith("--", StringComparison.Ordinal) || args[i].StartsWith('/');
            if (!isKey || i + 1 == args.Length) return args[i];
            // Skips the value, even if it looks like a key.
            i++;
        }
        return null;
    }

    /// <summary>Runs a command. An error is reported in one line.</summary>
    /// <param name="root">The root of the program's commands.</param>
    /// <param name="args">All arguments.</param>
    /// <param name="command">The result of <see cref="FindCommand"/>.</param>
    /// <param name="console">Receives the output and the errors.</param>
    /// <returns>The exit code: 0, or 1 after an error.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] args, string command, InvocationConfiguration console)
    {
        if (!IsKnown(root, command))
        {
            var known = string.Join(", ", root.Subcommands.Select(static known => known.Name));
            await console.Error.WriteLineAsync(
                $"\"{command}\" is neither a command ({known}) nor a setting (--Key=value). --help describes the commands.");
            return 1;
        }
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

    private static bool IsKnown(RootCommand root, string word) =>
        root.Subcommands.Any(command => string.Equals(command.Name, word, StringComparison.Ordinal))
        || root.Options.Any(option => option.Aliases.Append(option.Name).Contains(word, StringComparer.Ordinal));
}
