namespace AiPipe.AppHost.Starting;

/// <summary>The folder that holds what must survive a restart: the embedded database, the generated secret, the journal.</summary>
internal static class DataFolder
{
    /// <summary>Finds the folder and creates it, readable by its owner only.</summary>
    /// <param name="configured">The value of <c>AIPIPE_DATA</c>, if any.</param>
    /// <returns>The full path.</returns>
    /// <exception cref="CannotStartException">The folder cannot be created.</exception>
    public static string Open(string? configured)
    {
        var folder = string.IsNullOrWhiteSpace(configured) ? Default() : Path.GetFullPath(configured);
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException($"The data folder {folder} cannot be created ({e.Message}). Name another one in AIPIPE_DATA.", e);
        }
    }

    private static string Default()
    {
        // Root has no desktop: its services keep their data where the system's other services do.
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess) return "/var/lib/aipipe";
        var ofUser = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return ofUser.Length > 0
            ? Path.Combine(ofUser, "aipipe")
            : throw new CannotStartException("This user has no home folder. Name a folder for AiPipe's data in AIPIPE_DATA.");
    }
}
