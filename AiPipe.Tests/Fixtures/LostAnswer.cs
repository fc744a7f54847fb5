using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace AiPipe.Tests.Fixtures;

/// <summary>
/// Postgres does what a statement says, and the connection breaks before it can say so: once, for the first statement of these words.
/// </summary>
internal sealed class LostAnswer(string words) : DbCommandInterceptor
{
    private int _hasHappened;

    public bool HasHappened => Volatile.Read(ref _hasHappened) != 0;

    public override ValueTask<int> NonQueryExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default) =>
        Loses(command) ? throw Broken() : ValueTask.FromResult(result);

    public override async ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        if (!Loses(command)) return result;
        await result.CloseAsync();
        throw Broken();
    }

    private bool Loses(DbCommand command) =>
        command.CommandText.StartsWith(words, StringComparison.OrdinalIgnoreCase) && Interlocked.Exchange(ref _hasHappened, 1) == 0;

    private static NpgsqlException Broken() => new("The connection broke.", new IOException());
}
