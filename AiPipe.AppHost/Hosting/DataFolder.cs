namespace AiPipe.AppHost.Hosting;

/// <summary>The folder of what must survive a restart: the Postgres process's data, generated secrets, the replicas' journals.</summary>
internal static class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Finds the folder and creates it, accessible by its owner only.</summary>
    /// <param name="configured">The value of <c>AIPIPE_DATA</c>; the user's application data by default, <c>/var/lib/aipipe</c> for root.</param>
    /// <returns>The full path.</returns>
    /// <exception cref="CannotStartException">The folder cannot be created.</exception>
    public static string Open(string? configured)
    {
        var folder = string.IsNullOrWhiteSpace(configured) ? Default() : Path.GetFullPath(configured);
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else Directory.CreateDirectory(folder, OwnerOnly);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException($"The data folder {folder} cannot be created ({e.Message}). Set AIPIPE_DATA to another folder.", e);
        }
    }

    private static string Default()
    {
        // Root has no desktop; its services keep their data where the system's other services do.
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess) return "/var/lib/aipipe";
        var applicationData = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return applicationData.Length > 0
            ? Path.Combine(applicationData, "aipipe")
            : throw new CannotStartException("This user has no home folder. Set AIPIPE_DATA to a folder for AiPipe's data.");
    }
}
