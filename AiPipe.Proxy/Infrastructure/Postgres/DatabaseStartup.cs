using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace AiPipe.Proxy.Infrastructure.Postgres;

/// <summary>Before the server listens, waits for Postgres and migrates the tables, one replica at a time.</summary>
internal sealed partial class DatabaseStartup(
    NpgsqlDataSource postgres, IServiceScopeFactory scopes, TimeProvider clock, ILogger<DatabaseStartup> logger)
    : IHostedService
{
    /// <summary>Any number that nothing else in this database locks.</summary>
    private const long MigrationLock = 0x61_69_70_69_70_65;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken);
        await MigrateAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <remarks>
    /// EF's own lock covers single migrations of a list computed before: a waiting replica would repeat the other's work. A lock that ends
    /// with its transaction is released even if this process dies.
    /// </remarks>
    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<AiPipeDb>().Database;
        await CreateAsync(database, cancellationToken);
        await using var connection = await postgres.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var turn =
            new NpgsqlCommand($"select pg_advisory_xact_lock({MigrationLock})", connection, transaction) { CommandTimeout = 0 };
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
        catch (PostgresException exception) when (
            exception.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
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
            // EF creates a missing database.
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
            {
                return;
            }
            // A rejection (such as a wrong password) is permanent; a starting server is not.
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
