using System.Buffers.Text;
using System.Security.Cryptography;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.People;

/// <summary>What is written down of people. Addresses are in lower case.</summary>
internal sealed class PeopleRows(AiPipeDb db, StateRefresher watch, TimeProvider clock)
{
    private const int SaltBytes = 16;

    public Task<Person?> FindAsync(string email, CancellationToken cancellationToken) =>
        db.People.AsNoTracking().SingleOrDefaultAsync(person => person.Email == email, cancellationToken);

    /// <summary>Somebody has signed in. A name is taken over when it is known.</summary>
    public Task SeenAsync(string email, string? name, CancellationToken cancellationToken)
    {
        var (now, shown) = (clock.GetUtcNow(), ShownName.FromText(name));
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into people (email, name, created_at, last_seen_at) values ({email}, {shown}, {now}, {now})
            on conflict (email) do update set last_seen_at = excluded.last_seen_at, name = coalesce(excluded.name, people.name)
            """, cancellationToken);
    }

    /// <summary>Somebody is added, or given a name or a password; what is <c>null</c> stays.</summary>
    /// <returns>True when they are new.</returns>
    public async Task<bool> AddAsync(string email, string? name, string? passwordHash, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        // A row that was just inserted has no other version of itself: https://www.postgresql.org/docs/current/ddl-system-columns.html
        var isNew = await db.Database.SqlQuery<bool>(
            $"""
            insert into people (email, name, password_hash, created_at) values ({email}, {name}, {passwordHash}, {now})
            on conflict (email) do update set
                name = coalesce(excluded.name, people.name), password_hash = coalesce(excluded.password_hash, people.password_hash)
            returning xmax = 0 as "Value"
            """).ToListAsync(cancellationToken);
        return isNew[0];
    }

    /// <summary>Gives somebody a password.</summary>
    /// <param name="email">Who.</param>
    /// <param name="hash">What is kept of it.</param>
    /// <param name="instead">What must stand there now, or nothing is changed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False when something else stands there.</returns>
    public async Task<bool> SetPasswordAsync(string email, string hash, string? instead, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await db.Database.ExecuteSqlAsync(
            $"""
            insert into people (email, password_hash, created_at) values ({email}, {hash}, {now})
            on conflict (email) do update set password_hash = excluded.password_hash where people.password_hash is not distinct from {instead}
            """, cancellationToken) == 1;
    }

    /// <summary>Ends all tokens that somebody has, and the links that would make new ones.</summary>
    public async Task ResetAsync(string email, CancellationToken cancellationToken)
    {
        var (now, salt) = (clock.GetUtcNow(), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SaltBytes)));
        await ChangeAsync(async token =>
        {
            await db.Database.ExecuteSqlAsync(
                $"insert into people (email, salt, created_at) values ({email}, {salt}, {now}) on conflict (email) do update set salt = excluded.salt", token);
            await db.SignInLinks.Where(link => link.Email == email && link.UsedAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(link => link.UsedAt, now), token);
            return true;
        }, cancellationToken);
    }

    /// <summary>Lets nobody of that name in any more, or again.</summary>
    /// <param name="email">Who.</param>
    /// <param name="disabled">Which of the two.</param>
    /// <param name="alongside">What is written with it, or not at all.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task DisableAsync(string email, bool disabled, Func<CancellationToken, Task> alongside, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset? since = disabled ? now : null;
        await ChangeAsync(async token =>
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into people (email, created_at, disabled_at) values ({email}, {now}, {since})
                on conflict (email) do update set disabled_at = case when excluded.disabled_at is null then null else coalesce(people.disabled_at, excluded.disabled_at) end
                """, token);
            await alongside(token);
            return true;
        }, cancellationToken);
    }

    /// <summary>Changes what tokens are checked against; it holds here when this returns.</summary>
    private async Task ChangeAsync(Func<CancellationToken, Task<bool>> change, CancellationToken cancellationToken)
    {
        await db.ChangeAsync(PeopleWatch.Name, change, cancellationToken);
        await watch.CatchUpAsync(cancellationToken);
    }
}
