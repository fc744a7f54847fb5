using Microsoft.Extensions.Configuration;
using Npgsql;
using StackExchange.Redis;

namespace AiPipe.ServiceDefaults;

/// <summary>
/// Checks connection strings before a client is created, so that the start fails with one line that names the setting. The line never
/// repeats the value or the parser's message, because both may contain the password.
/// </summary>
public static class ConnectionStrings
{
    /// <summary>Requires a usable connection string for a PostgreSQL database.</summary>
    /// <exception cref="InvalidOperationException">The connection string is missing or malformed.</exception>
    public static void RequirePostgres(this IConfiguration configuration, string name) => Require(
        configuration, name, "a PostgreSQL database", $"Host=localhost;Username=…;Password=…;Database={name}",
        static text => new NpgsqlConnectionStringBuilder(text) is { Host.Length: > 0 });

    /// <summary>Requires a usable connection string for a Redis server.</summary>
    /// <exception cref="InvalidOperationException">The connection string is missing or malformed.</exception>
    public static void RequireRedis(this IConfiguration configuration, string name) => Require(
        configuration, name, "a Redis server", "localhost:6379,password=…",
        static text => ConfigurationOptions.Parse(text) is { EndPoints.Count: > 0 });

    /// <summary>Limits the connections that this process opens, unless the connection string has a <c>Maximum Pool Size</c>.</summary>
    /// <param name="connection">A connection string that <see cref="RequirePostgres"/> accepts.</param>
    /// <param name="size">The largest number of connections.</param>
    /// <returns>The connection string with the limit.</returns>
    public static string WithPoolSize(string? connection, int size)
    {
        var builder = new NpgsqlConnectionStringBuilder(connection);
        if (!builder.ShouldSerialize("Maximum Pool Size")) builder.MaxPoolSize = size;
        return builder.ConnectionString;
    }

    private static void Require(IConfiguration configuration, string name, string server, string example, Func<string, bool> isUsable)
    {
        var text = configuration.GetConnectionString(name);
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new InvalidOperationException(
                $"ConnectionStrings:{name} is missing. Set ConnectionStrings__{name} to {server}: {example}");
        }
        bool usable;
        try
        {
            usable = isUsable(text);
        }
        // The parsers throw ArgumentException, FormatException, OverflowException and others. None becomes the inner exception.
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            usable = false;
        }
        if (usable) return;
        throw new InvalidOperationException($"ConnectionStrings:{name} is not a connection string of {server}. Write it like {example}");
    }
}
