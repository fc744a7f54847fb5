using AiPipe.AppHost.Hosting;

namespace AiPipe.Tests.AppHost;

/// <summary>A data folder whose name needs quotes in a shell. Only its owner has access to the parent folder, as with /root.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("aipipe-");

    public TemporaryFolder() => Path = DataFolder.Open(System.IO.Path.Combine(_parent.FullName, "Ann's data"));

    public string Path { get; }

    /// <summary>Writes a shell script that replaces a program. Skips the test on Windows.</summary>
    /// <param name="program">The name of the program.</param>
    /// <param name="script">The commands of the script.</param>
    /// <returns>The full path of the script.</returns>
    public string WriteProgram(string program, string script)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip($"The replacement for {program} is a shell script.");
            return "";
        }
        var file = System.IO.Path.Combine(Path, program);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return file;
    }

    public void Dispose() => _parent.Delete(recursive: true);
}
