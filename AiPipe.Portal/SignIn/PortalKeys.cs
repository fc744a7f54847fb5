using Microsoft.AspNetCore.DataProtection;

namespace AiPipe.Portal.SignIn;

/// <summary>Where the keys of cookies are kept, so that a restart signs nobody out, and replicas that share the folder read each other's.</summary>
internal static class PortalKeys
{
    private const string Setting = "Portal:Keys";

    /// <summary>Part of what a cookie is bound to; by itself it would be the folder that the program runs from.</summary>
    private const string Application = "AiPipe.Portal";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Keeps them in the folder that <c>Portal:Keys</c> names, else in <c>keys</c> of <c>AIPIPE_DATA</c>, else where ASP.NET does.</summary>
    /// <exception cref="InvalidOperationException">The folder cannot be made.</exception>
    public static IServiceCollection AddPortalKeys(this IServiceCollection services, IConfiguration configuration)
    {
        var protection = services.AddDataProtection().SetApplicationName(Application);
        if (Folder(configuration) is { } folder) protection.PersistKeysToFileSystem(Open(folder));
        return services;
    }

    private static string? Folder(IConfiguration configuration) =>
        configuration[Setting] is { Length: > 0 } named ? named
        : configuration["AIPIPE_DATA"] is { Length: > 0 } data ? Path.Combine(data, "keys")
        : null;

    private static DirectoryInfo Open(string folder)
    {
        try
        {
            // Whoever reads these keys can sign in as anybody.
            return OperatingSystem.IsWindows() ? Directory.CreateDirectory(folder) : Directory.CreateDirectory(folder, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidOperationException($"The folder {folder} for the keys of cookies cannot be made ({e.Message}): name another one in {Setting}.", e);
        }
    }
}
