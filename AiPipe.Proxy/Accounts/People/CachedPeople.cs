using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Infrastructure.Postgres;
using Npgsql;

namespace AiPipe.Proxy.Accounts.People;

/// <summary>Reads the people whose tokens need a check, whichever replica changed them.</summary>
internal sealed class CachedPeople(NpgsqlDataSource postgres, PersonStates states) : ICachedState
{
    public const string Name = "people";

    public string StateName => Name;

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand(
            "select email, salt, disabled_at is not null from people where salt is not null or disabled_at is not null");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var read = new Dictionary<string, PersonState>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            read[reader.GetString(0)] = new PersonState(reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetBoolean(2));
        states.Replace(read);
    }
}
