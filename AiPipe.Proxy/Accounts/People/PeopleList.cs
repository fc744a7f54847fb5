using AiPipe.Proxy.Budgets;
using Npgsql;

namespace AiPipe.Proxy.Accounts.People;

/// <summary>Everyone who signed in, was added, is in a class, spent something or has a personal budget.</summary>
internal sealed class PeopleList(NpgsqlDataSource postgres, BudgetResolver budgets)
{
    // Ordered by code points, independent of the database's collation: a page begins after the last address of the previous one.
    private const string Page = """
        with known(email) as (
            select email from people
            union select substr(scope, 6) from daily_spend where scope like 'user:%'
            union select email from class_members
            union select unnest($1::text[]))
        select k.email, p.name, p.disabled_at is not null, p.password_hash is not null, p.last_seen_at, c.started_at
        from (
            select k.email, p.name from known k left join people p on p.email = k.email
            where k.email collate "C" > $2 and ($3 = '' or position($3 in k.email) > 0 or position($3 in lower(coalesce(p.name, ''))) > 0)
            order by k.email collate "C" limit $4) k
        left join people p on p.email = k.email
        left join lateral (
            select started_at from ledger_entries where user_name = k.email order by started_at desc limit 1) c on true
        order by k.email collate "C"
        """;

    /// <summary>A page of people, by address.</summary>
    public async Task<List<KnownPerson>> ReadAsync(string after, string search, int limit, CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand(Page);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. budgets.Named] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = search });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var people = new List<KnownPerson>();
        while (await reader.ReadAsync(cancellationToken))
        {
            people.Add(new KnownPerson(
                reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetBoolean(2), reader.GetBoolean(3),
                At(reader, 4), At(reader, 5)));
        }
        return people;
    }

    public async Task<KnownPerson?> FindAsync(string email, CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand("""
            select p.name, p.disabled_at is not null, p.password_hash is not null, p.last_seen_at,
                (select started_at from ledger_entries where user_name = $1 order by started_at desc limit 1),
                p.email is not null or $3 or exists (select 1 from daily_spend where scope = $2)
                    or exists (select 1 from class_members where email = $1)
            from (select 1) one left join people p on p.email = $1
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = email });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = BudgetScope.UserKey(email) });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = budgets.Named.Contains(email, StringComparer.Ordinal) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetBoolean(5)
            ? new KnownPerson(email, reader.IsDBNull(0) ? null : reader.GetString(0), !reader.IsDBNull(1) && reader.GetBoolean(1),
                !reader.IsDBNull(2) && reader.GetBoolean(2), At(reader, 3), At(reader, 4))
            : null;
    }

    private static DateTimeOffset? At(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}

internal sealed record KnownPerson(
    string Email, string? Name, bool IsDisabled, bool HasPassword, DateTimeOffset? LastSeenAt, DateTimeOffset? LastCallAt);
