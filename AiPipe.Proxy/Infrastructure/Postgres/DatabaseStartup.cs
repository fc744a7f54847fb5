using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace AiPipe.Proxy.Infrastructure.Postgres;

/// <summary>
/// Before the server listens: waits for Postgres and brings the tables up to date, one replica at a time, so that they may start together.
/// </summary>
internal sealed partial class DatabaseStartup(
    NpgsqlDataSource postgres, IServiceScopeFactory scopes, TimeProvider clock, ILogger<DatabaseStartup> logger)
    : IHostedService
{
    /// <summary>Any number will do that nothing else in this database locks.</summary>
    private const long MigrationLock = 0x61_69_70_69_70_65;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits up to half a minute for Postgres.</summary>
    /// <exception cref="InvalidOperationException">Postgres does not answer.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken);
        await MigrateAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>One replica after the other.</summary>
    /// <remarks>
    /// EF locks by itself, but anew for each migration, of those that were missing when it began: who waited would repeat what the other
    /// has done meanwhile. A lock that ends with its transaction is free again at once, whatever becomes of this process.
    /// </remarks>
    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<AiPipeDb>().Database;
        await CreateAsync(database, cancellationToken);
        await using var connection = await postgres.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var turn = new NpgsqlCommand($"select pg_advisory_xact_lock({MigrationLock})", connection, transaction) { CommandTimeout = 0 };
        await turn.ExecuteNonQueryAsync(cancellationToken);
        await database.MigrateAsync(cancellationToken);
    }

    private static async Task CreateAsync(DatabaseFacade database, CancellationToken cancellationToken)
    {
        var creator = database.GetService<IRelationalDatabaseCreator>();
        if (await creator.ExistsAsync(cancellationToken)) return;
        try
        {
            await creator.CreateAsync(cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another replica was faster.
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = await postgres.OpenConnectionAsync(cancellationToken);
                return;
            }
            // EF makes a database that does not exist yet.
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
            {
                return;
            }
            // A server that says no (a wrong password) will not change its mind; one that is starting will.
            catch (NpgsqlException exception) when (exception.IsTransient || exception is not PostgresException)
            {
                if (clock.GetElapsedTime(begun) > Timeout) throw Absent(exception);
                Log.Waiting(logger, exception.Message);
            }
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private static InvalidOperationException Absent(NpgsqlException exception) => new(
        $"Postgres does not answer ({exception.Message}): start it, or mend ConnectionStrings:aipipe.", exception);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for Postgres: {Why}")]
        public static partial void Waiting(ILogger logger, string why);
    }
}
