using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AiPipe.Portal.SignIn.CookieKeys;

/// <summary>Stores cookie keys so that users stay signed in after a restart, and replicas accept each other's cookies.</summary>
internal static class CookieKeysSetup
{
    private const string FolderSetting = "Portal:Keys";
    private const string Database = "aipipe";
    /// <summary>Small, because the keys are read once and then every few hours.</summary>
    private const int PoolSize = 4;

    /// <summary>Logs a failure to read keys with a stack trace. <see cref="CookieKeyRepository"/> logs it in one line.</summary>
    private const string StackTraceCategory = "Microsoft.AspNetCore.DataProtection.KeyManagement.KeyRingProvider";

    /// <summary>Cookies are bound to this name. By default it would be the program's path, which can differ between replicas.</summary>
    private const string Application = "AiPipe.Portal";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// Stores keys in Postgres if <c>ConnectionStrings:aipipe</c> is set. Otherwise they are in the folder that <c>Portal:Keys</c> names,
    /// in the subfolder <c>keys</c> of <c>AIPIPE_DATA</c>, or in the default location of ASP.NET.
    /// </summary>
    /// <exception cref="InvalidOperationException">The connection string is malformed, or the folder cannot be created.</exception>
    public static void AddCookieKeys(this IHostApplicationBuilder builder)
    {
        var protection = builder.Services.AddDataProtection().SetApplicationName(Application);
        var configuration = builder.Configuration;
        var folder = FindFolder(configuration);
        if (configuration.GetConnectionString(Database) is { Length: > 0 } database)
        {
            configuration.RequirePostgres(Database);
            builder.Logging.AddFilter(StackTraceCategory, LogLevel.None);
            builder.Services.AddPostgresKeys(database, configuration["AIPIPE_SECRET"]?.Trim(), folder);
        }
        else if (folder is not null)
            protection.PersistKeysToFileSystem(Open(folder));
    }

    private static void AddPostgresKeys(this IServiceCollection services, string database, string? secret, string? folder)
    {
        // In the Proxy, this has no effect: it has registered its own data source before.
        services.AddNpgsqlDataSource(ConnectionStrings.WithPoolSize(database, PoolSize));
        services.AddDbContext<CookieKeysDb>(static options => options.UseNpgsql());
        if (!string.IsNullOrWhiteSpace(secret)) services.AddSingleton(new CookieKeyCipher(secret));
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(host => new ConfigureOptions<KeyManagementOptions>(keys =>
        {
            keys.XmlRepository = new CookieKeyRepository(host, folder, host.GetRequiredService<ILogger<CookieKeyRepository>>());
            keys.XmlEncryptor = host.GetService<CookieKeyCipher>();
        }));
    }

    private static string? FindFolder(IConfiguration configuration) =>
        configuration[FolderSetting] is { Length: > 0 } named ? named
        : configuration["AIPIPE_DATA"] is { Length: > 0 } data ? Path.Combine(data, "keys")
        : null;

    private static DirectoryInfo Open(string folder)
    {
        try
        {
            // With these keys, a reader could sign in as any user.
            return OperatingSystem.IsWindows() ? Directory.CreateDirectory(folder) : Directory.CreateDirectory(folder, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidOperationException(
                $"The folder {folder} for cookie keys cannot be created ({e.Message}). Set {FolderSetting} to another folder.", e);
        }
    }
}
