using System.Buffers.Text;
using System.Security.Cryptography;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.People;

internal sealed class PeopleRows(AiPipeDb db, StateRefresher refresher, TimeProvider clock)
{
    private const int SaltBytes = 16;
    private const int MaxPlaces = 8;

    public Task<Person?> FindAsync(string email, CancellationToken cancellationToken) =>
        db.People.AsNoTracking().SingleOrDefaultAsync(person => person.Email == email, cancellationToken);

    /// <param name="place">Where the person signed in, in the form in which it is stored; <c>null</c> = is not stored.</param>
    public Task SeenAsync(string email, string? name, string? place, CancellationToken cancellationToken)
    {
        var (now, shown) = (clock.GetUtcNow(), ShownName.FromText(name));
        string[] places = place is null ? [] : [place];
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into people (email, name, created_at, last_seen_at, known_places) values ({email}, {shown}, {now}, {now}, {places})
            on conflict (email) do update set last_seen_at = excluded.last_seen_at, name = coalesce(excluded.name, people.name),
                known_places = (excluded.known_places || array_remove(people.known_places, excluded.known_places[1]))[1:{MaxPlaces}]
            """, cancellationToken);
    }

    /// <summary>Adds a person, or sets a name or password; <c>null</c> keeps the current value.</summary>
    /// <returns>True for a new person.</returns>
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

    /// <summary>Sets a password.</summary>
    /// <param name="instead">The expected current hash.</param>
    /// <returns>False if the current hash is different.</returns>
    public async Task<bool> SetPasswordAsync(string email, string hash, string? instead, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await db.Database.ExecuteSqlAsync(
            $"""
            insert into people (email, password_hash, created_at) values ({email}, {hash}, {now})
            on conflict (email) do update set password_hash = excluded.password_hash
                where people.password_hash is not distinct from {instead}
            """, cancellationToken) == 1;
    }

    /// <summary>Revokes all tokens and sign-in links of a person.</summary>
    public async Task ResetAsync(string email, CancellationToken cancellationToken)
    {
        var (now, salt) = (clock.GetUtcNow(), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SaltBytes)));
        await ChangeAsync(async token =>
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into people (email, salt, created_at) values ({email}, {salt}, {now})
                on conflict (email) do update set salt = excluded.salt
                """, token);
            await db.SignInLinks.Where(link => link.Email == email && link.UsedAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(link => link.UsedAt, now), token);
            return true;
        }, cancellationToken);
    }

    /// <summary>Disables or enables a person.</summary>
    /// <param name="alongside">Runs in the same transaction.</param>
    public async Task DisableAsync(
        string email, bool disabled, Func<CancellationToken, Task> alongside, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset? since = disabled ? now : null;
        await ChangeAsync(async token =>
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into people (email, created_at, disabled_at) values ({email}, {now}, {since})
                on conflict (email) do update set disabled_at = case when excluded.disabled_at is null then null
                    else coalesce(people.disabled_at, excluded.disabled_at) end
                """, token);
            await alongside(token);
            return true;
        }, cancellationToken);
    }

    /// <summary>Changes what tokens are checked against; it is active here when this returns.</summary>
    private async Task ChangeAsync(Func<CancellationToken, Task<bool>> change, CancellationToken cancellationToken)
    {
        await db.ChangeAsync(CachedPeople.Name, change, cancellationToken);
        await refresher.CatchUpAsync(cancellationToken);
    }
}
