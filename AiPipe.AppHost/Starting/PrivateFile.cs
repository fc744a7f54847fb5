namespace AiPipe.AppHost.Starting;

/// <summary>A small file that only its owner can read, and that is there whole or not at all.</summary>
internal static class PrivateFile
{
    public static void Write(string path, string content)
    {
        var half = path + ".new";
        File.Delete(half);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(half, options)) writer.Write(content);
        File.Move(half, path, overwrite: true);
    }
}
