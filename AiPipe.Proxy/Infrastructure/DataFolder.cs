using System.Runtime.Versioning;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>The folder of data that must survive a restart: the journal and a generated secret.</summary>
internal static class DataFolder
{
    private const string Setting = "AIPIPE_DATA";

    private const UnixFileMode Writable = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary><c>AIPIPE_DATA</c>, otherwise <c>aipipe</c> in the user's data folder; <c>null</c> without a home directory.</summary>
    public static string? Find(IConfiguration configuration)
    {
        if (configuration[Setting] is { Length: > 0 } named) return named;
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return home.Length > 0 ? Path.Combine(home, "aipipe") : null;
    }

    /// <summary>Creates a missing folder for its owner only, and removes others' access to one that they can write to.</summary>
    /// <exception cref="IOException">Others can write to the folder, and its rights cannot be changed.</exception>
    public static void Create(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            TakeRightsOfOthers(folder);
        }
    }

    /// <summary>Removes others' write access to an existing data folder: its files contain charges and the signing secret.</summary>
    /// <exception cref="InvalidOperationException">Others can write to the folder.</exception>
    public static WebApplicationBuilder SecureDataFolder(this WebApplicationBuilder builder)
    {
        if (OperatingSystem.IsWindows() || Find(builder.Configuration) is not { } folder || !Directory.Exists(folder)) return builder;
        try
        {
            TakeRightsOfOthers(folder);
            return builder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void TakeRightsOfOthers(string folder)
    {
        var mode = File.GetUnixFileMode(folder);
        // With the sticky bit, others cannot replace what is in the folder.
        if ((mode & Writable) == UnixFileMode.None || (mode & UnixFileMode.StickyBit) != UnixFileMode.None) return;
        try
        {
            File.SetUnixFileMode(folder, mode & ~(Writable | UnixFileMode.OtherRead | UnixFileMode.OtherExecute));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"Other users can write to {folder}: run chmod 700 on it, or name another folder in {Setting}.", e);
        }
    }
}
