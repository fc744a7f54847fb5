using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AiPipe.Portal.SignIn.CookieKeys;

/// <summary>
/// Stores cookie keys in Postgres. Keys that were encrypted with another secret are skipped, so that Data Protection creates a new key
/// instead of failing. Keys in the folder of an earlier version are imported, so that users stay signed in after an upgrade.
/// </summary>
/// <param name="services">The services of the host.</param>
/// <param name="folder">The folder in which an earlier version may have stored keys; <c>null</c> if there is none.</param>
/// <param name="logger">Receives warnings about keys that cannot be read or stored.</param>
internal sealed partial class CookieKeyRepository(IServiceProvider services, string? folder, ILogger<CookieKeyRepository> logger)
    : IXmlRepository
{
    private readonly EntityFrameworkCoreXmlRepository<CookieKeysDb> _stored = new(services, services.GetRequiredService<ILoggerFactory>());
    private readonly CookieKeyCipher? _cipher = services.GetService<CookieKeyCipher>();
    private string? _folderToImport = folder;
    private bool _hasWarned;

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        try
        {
            ImportFolder();
            var all = _stored.GetAllElements();
            var readable = all.Where(key => CookieKeyCipher.CanRead(_cipher, key)).ToList();
            if (readable.Count < all.Count && !_hasWarned) Log.Skipped(logger, all.Count - readable.Count);
            _hasWarned |= readable.Count < all.Count;
            return readable;
        }
        catch (Exception e) when (Cause(e) is { } cause)
        {
            Log.Unavailable(logger, cause.Message);
            throw;
        }
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        try
        {
            _stored.StoreElement(element, friendlyName);
        }
        catch (Exception e) when (Cause(e) is { } cause)
        {
            Log.NotStored(logger, cause.Message);
            throw;
        }
    }

    // EF wraps the exceptions of Npgsql.
    private static NpgsqlException? Cause(Exception? exception)
    {
        while (exception is not (null or NpgsqlException)) exception = exception.InnerException;
        return (NpgsqlException?)exception;
    }

    private void ImportFolder()
    {
        if (_folderToImport is null || !Directory.Exists(_folderToImport)) return;
        using var scope = services.CreateScope();
        var database = scope.ServiceProvider.GetRequiredService<CookieKeysDb>().Database;
        foreach (var file in Directory.EnumerateFiles(_folderToImport, "*.xml"))
        {
            try
            {
                var key = XElement.Load(file);
                var xml = (_cipher?.EncryptKey(key) ?? key).ToString(SaveOptions.DisableFormatting);
                var name = Path.GetFileNameWithoutExtension(file);
                database.ExecuteSql($"""
                    insert into data_protection_keys (friendly_name, xml) values ({name}, {xml}) on conflict (friendly_name) do nothing
                    """);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or XmlException)
            {
                Log.NotImported(logger, file, e.Message);
            }
        }
        _folderToImport = null;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} cookie keys in Postgres were encrypted with another AIPIPE_SECRET. "
            + "They are skipped; users whose cookies they protect must sign in again.")]
        public static partial void Skipped(ILogger logger, int count);

        [LoggerMessage(Level = LogLevel.Warning,
            Message = "Cannot read cookie keys from Postgres ({Why}); the Portal retries for the next page. "
                + "Start Postgres, or correct ConnectionStrings:aipipe.")]
        public static partial void Unavailable(ILogger logger, string why);

        [LoggerMessage(Level = LogLevel.Warning,
            Message = "Cannot write a new cookie key to Postgres ({Why}); the Portal retries for the next page.")]
        public static partial void NotStored(ILogger logger, string why);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot read the cookie key in {File} ({Why}); it is not copied to Postgres.")]
        public static partial void NotImported(ILogger logger, string file, string why);
    }
}
