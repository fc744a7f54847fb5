namespace AiPipe.Proxy.Infrastructure;

/// <summary>The folder of data that must survive a restart: the journal and a generated secret.</summary>
internal static class DataFolder
{
    private const string Setting = "AIPIPE_DATA";

    /// <summary><c>AIPIPE_DATA</c>, otherwise <c>aipipe</c> in the user's data folder; <c>null</c> without a home directory.</summary>
    public static string? Find(IConfiguration configuration)
    {
        if (configuration[Setting] is { Length: > 0 } named) return named;
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return home.Length > 0 ? Path.Combine(home, "aipipe") : null;
    }

    /// <summary>Creates a missing folder, readable by its owner only.</summary>
    public static void Create(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
