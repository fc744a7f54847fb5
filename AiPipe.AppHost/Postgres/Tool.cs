using System.ComponentModel;
using System.Diagnostics;

namespace AiPipe.AppHost.Postgres;

/// <summary>What a program said when it ended.</summary>
internal readonly record struct ToolResult(int ExitCode, string Output, string Errors)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last thing it said, for a one-line message.</summary>
    public string LastWords =>
        $"{Output}\n{Errors}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? $"exit code {ExitCode}";
}

/// <summary>Runs a program to its end.</summary>
internal static class Tool
{
    /// <summary>How long the program's output is awaited after its end: on Windows a server started by it keeps the pipes open.</summary>
    private static readonly TimeSpan Echo = TimeSpan.FromSeconds(1);

    // A database server runs as another user, who may read its environment; the keys and secrets in ours are not for it.
    private static readonly string[] Inherited =
        ["PATH", "HOME", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "SystemRoot", "SystemDrive", "TEMP", "TMP", "ProgramFiles", "ProgramData"];

    /// <summary>Runs <paramref name="program"/> and waits for it.</summary>
    /// <param name="program">A name on PATH or a full path.</param>
    /// <param name="arguments">Passed as they are; no shell reads them.</param>
    /// <param name="input">What it reads from its standard input.</param>
    /// <param name="ownEnvironment">True to give it all of our environment, for programs that read their settings there.</param>
    /// <param name="cancellationToken">Ends the wait, not the program.</param>
    /// <returns>Exit code 127 where there is no such program, as a shell would say.</returns>
    public static async Task<ToolResult> RunAsync(string program, IEnumerable<string> arguments, string? input = null,
        bool ownEnvironment = false, CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Path.GetPathRoot(Environment.SystemDirectory is { Length: > 0 } system ? system : "/"),
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (!ownEnvironment) Restrict(start.Environment);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return new ToolResult(127, "", e.Message);
        }
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read everything; its exit code and last words say why.
        }
        await process.WaitForExitAsync(cancellationToken);
        return new ToolResult(process.ExitCode, await SaidAsync(output), await SaidAsync(errors));
    }

    private static async Task<string> SaidAsync(Task<string> text) =>
        await Task.WhenAny(text, Task.Delay(Echo)) == text ? await text : "";

    private static void Restrict(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Except(Inherited, StringComparer.OrdinalIgnoreCase).ToArray()) environment.Remove(name);
        environment["LC_ALL"] = "C";
    }
}
