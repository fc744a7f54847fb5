using System.Runtime.Versioning;

namespace AiPipe.AppHost.Hosting;

/// <summary>The folder for data that must survive a restart: the Postgres cluster, generated secrets and the replicas' journals.</summary>
internal static class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Finds the folder and creates it. Only its owner has access.</summary>
    /// <param name="configured">
    /// The value of <c>AIPIPE_DATA</c>. The default is a folder in the user's application data, or <c>/var/lib/aipipe</c> for root.
    /// </param>
    /// <returns>The full path.</returns>
    /// <exception cref="CannotStartException">The folder cannot be created.</exception>
    public static string Open(string? configured)
    {
        var folder = string.IsNullOrWhiteSpace(configured) ? Default() : Path.GetFullPath(configured);
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else RequireOwnerOnly(Directory.CreateDirectory(folder, OwnerOnly));
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException(
                $"The data folder {folder} cannot be created ({e.Message}). Set AIPIPE_DATA to another folder.", e);
        }
    }

    // Users with write access could replace the secret that signs tokens. Creation sets the mode of a new folder only.
    [UnsupportedOSPlatform("windows")]
    private static void RequireOwnerOnly(DirectoryInfo folder)
    {
        if ((folder.UnixFileMode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == UnixFileMode.None) return;
        throw new CannotStartException(
            $"Other users can write to the data folder {folder.FullName}. Run: chmod 700 \"{folder.FullName}\"");
    }

    private static string Default()
    {
        // System services, which run as root, keep their data in /var/lib.
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess) return "/var/lib/aipipe";
        var applicationData = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return applicationData.Length > 0
            ? Path.Combine(applicationData, "aipipe")
            : throw new CannotStartException("This user has no home folder. Set AIPIPE_DATA to a folder for AiPipe's data.");
    }
}
