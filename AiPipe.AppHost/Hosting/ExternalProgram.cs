using System.ComponentModel;
using System.Diagnostics;

namespace AiPipe.AppHost.Hosting;

/// <summary>What a program printed before it ended.</summary>
internal readonly record struct ProgramResult(int ExitCode, string Output, string Errors)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last line that it printed, for a message of one line.</summary>
    public string LastLine =>
        $"{Output}\n{Errors}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? $"exit code {ExitCode}";
}

/// <summary>Runs a program to its end.</summary>
internal static class ExternalProgram
{
    /// <summary>How long the output is awaited after the program's end: on Windows a server that it started keeps the pipes open.</summary>
    private static readonly TimeSpan OutputTimeout = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The variables that PostgreSQL's programs get. The server runs as another user, who may read its environment; the keys and secrets in
    /// ours must not stand there.
    /// </summary>
    public static readonly IReadOnlyList<string> PublicVariables =
        ["PATH", "HOME", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "SystemRoot", "SystemDrive", "TEMP", "TMP", "ProgramFiles", "ProgramData"];

    /// <summary>Runs <paramref name="program"/> and waits for it.</summary>
    /// <param name="program">A name on PATH or a full path.</param>
    /// <param name="arguments">Passed as they are, without a shell.</param>
    /// <param name="input">The program's standard input.</param>
    /// <param name="inheritEnvironment">True for programs that read their settings from our whole environment.</param>
    /// <param name="environment">Variables that are set besides.</param>
    /// <param name="cancellationToken">Ends the wait, not the program.</param>
    /// <returns>Exit code 127 where there is no such program, as in a shell.</returns>
    public static async Task<ProgramResult> RunAsync(string program, IEnumerable<string> arguments, string? input = null, bool inheritEnvironment = false,
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
            // The program ended before it had read everything; its exit code and last line say why.
        }
        await process.WaitForExitAsync(cancellationToken);
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
