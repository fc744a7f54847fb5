using System.ComponentModel;
using System.Diagnostics;

namespace AiPipe.AppHost.Hosting;

/// <summary>The exit code and the output of a program.</summary>
internal readonly record struct ProgramResult(int ExitCode, string Output, string Errors)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last line of the output, which usually names the error.</summary>
    public string LastLine => $"{Output}\n{Errors}"
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .LastOrDefault() ?? $"exit code {ExitCode}";
}

/// <summary>Runs a program until it exits.</summary>
internal static class ExternalProgram
{
    /// <summary>How long to wait for output after the exit. On Windows, a server that the program started keeps the pipes open.</summary>
    private static readonly TimeSpan OutputTimeout = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The variables that are passed to PostgreSQL's programs. The server may run as another user, who can read its environment, so keys
    /// and secrets are not passed.
    /// </summary>
    public static readonly IReadOnlyList<string> PublicVariables =
        ["PATH", "HOME", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "SystemRoot", "SystemDrive", "TEMP", "TMP", "ProgramFiles", "ProgramData"];

    /// <summary>Runs <paramref name="program"/> and waits for its exit. Cancellation ends the wait, not the program.</summary>
    /// <param name="program">A name on PATH or a full path.</param>
    /// <param name="arguments">Passed as they are, without a shell.</param>
    /// <param name="input">Written to the program's standard input.</param>
    /// <param name="inheritEnvironment">True to pass this process's whole environment, false to pass <see cref="PublicVariables"/>.</param>
    /// <param name="environment">Additional variables.</param>
    /// <returns>The result. The exit code is 127, as in a shell, if the program does not exist.</returns>
    public static async Task<ProgramResult> RunAsync(
        string program, IEnumerable<string> arguments, string? input = null, bool inheritEnvironment = false,
        IReadOnlyDictionary<string, string>? environment = null, CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Path.GetPathRoot(Environment.SystemDirectory is { Length: > 0 } system ? system : "/"),
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (!inheritEnvironment) Restrict(start.Environment);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return new ProgramResult(127, "", e.Message);
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
            // The program exited before it read all of the input. Its exit code and last line tell the reason.
        }
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return new ProgramResult(process.ExitCode, await ReadAsync(output), await ReadAsync(errors));
    }

    private static async Task<string> ReadAsync(Task<string> text) =>
        await Task.WhenAny(text, Task.Delay(OutputTimeout)) == text ? await text : "";

    private static void Restrict(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Except(PublicVariables, StringComparer.OrdinalIgnoreCase).ToArray()) environment.Remove(name);
        environment["LC_ALL"] = "C";
    }
}
