using System.Text.Json.Nodes;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Settings.Audit;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary>The members of classes. A change is active on this replica when its method returns.</summary>
internal sealed class ClassMembers(AiPipeDb db, AuditLog audit, StateRefresher refresher, TimeProvider clock)
{
    private const string ByRoster = "roster";
    private const string ByCode = "code";

    public Task<List<ClassMember>> ListAsync(Guid id, CancellationToken cancellationToken) =>
        db.ClassMembers.AsNoTracking().Where(member => member.ClassId == id).OrderBy(member => member.Email).ToListAsync(cancellationToken);

    /// <summary>Adds a list of members.</summary>
    /// <returns>The number of new members; <c>null</c> if the class would be too large: then no member is added.</returns>
    public async Task<int?> AddAsync(
        TaughtClass taught, IReadOnlyDictionary<string, string?> members, int most, Caller.User by, CancellationToken cancellationToken)
    {
        var (now, emails, names, added) = (clock.GetUtcNow(), members.Keys.ToArray(), members.Values.ToArray(), 0);
        var isChanged = await ChangeAsync(async token =>
        {
            // A row that was just inserted has no other version of itself.
            var isNew = await db.Database.SqlQuery<bool>(
                $"""
                insert into class_members (class_id, email, name, joined_at, how)
                select {taught.Id}, m.email, m.name, {now}, {ByRoster} from unnest({emails}::text[], {names}::text[]) as m(email, name)
                on conflict (class_id, email) do update set name = coalesce(excluded.name, class_members.name)
                returning xmax = 0 as "Value"
                """).ToListAsync(token);
            added = isNew.Count(static isNew => isNew);
            if (added > 0 && await CountAsync(taught.Id, token) > most) return false;
            if (by.Email != taught.Owner)
                await audit.WriteAsync(
                    by.Email, "class.roster", $"class/{taught.Id}", before: null, new JsonObject { ["added"] = added }, note: null, token);
            return true;
        }, cancellationToken);
        return isChanged ? added : null;
    }

    /// <summary>Adds a person by the class's code.</summary>
    /// <returns>The class, and whether it is full; <c>null</c> if the code has changed or the class has ended.</returns>
    public async Task<(TaughtClass Class, bool IsFull)?> JoinAsync(
        Guid id, string email, string? code, Func<TaughtClass, int> mostOf, CancellationToken cancellationToken)
    {
        var (now, today, typed) = (clock.GetUtcNow(), clock.Today, JoinCode.Normalize(code));
        var taught = await db.Classes.AsNoTracking().SingleOrDefaultAsync(
            found => found.Id == id && found.JoinCode == typed && found.ArchivedAt == null && found.EndsOn >= today, cancellationToken);
        if (taught is null) return null;
        // An existing member changes nothing, and no replica has to refresh.
        if (await db.ClassMembers.AnyAsync(member => member.ClassId == id && member.Email == email, cancellationToken))
            return (taught, false);
        var isJoined = await ChangeAsync(async token =>
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into class_members (class_id, email, joined_at, how) values ({id}, {email}, {now}, {ByCode})
                on conflict do nothing
                """, token);
            return await CountAsync(id, token) <= mostOf(taught);
        }, cancellationToken);
        return (taught, !isJoined);
    }

    /// <summary>Removes a member; running calls end as they began.</summary>
    /// <returns>False if the person is not a member.</returns>
    public Task<bool> RemoveAsync(Guid id, string email, Caller.User by, bool isOwn, CancellationToken cancellationToken) =>
        ChangeAsync(async token =>
        {
            if (await db.ClassMembers.Where(member => member.ClassId == id && member.Email == email)
                .ExecuteDeleteAsync(token) == 0) return false;
            if (!isOwn) await audit.WriteAsync(
                by.Email, "class.remove", $"class/{id}", new JsonObject { ["member"] = email }, after: null, note: null, token);
            return true;
        }, cancellationToken);

    /// <summary>Changes of classes are serialized (<see cref="StateVersions.ChangeAsync"/>): no member joins during the count.</summary>
    private Task<int> CountAsync(Guid id, CancellationToken cancellationToken) =>
        db.ClassMembers.CountAsync(member => member.ClassId == id, cancellationToken);

    private async Task<bool> ChangeAsync(Func<CancellationToken, Task<bool>> change, CancellationToken cancellationToken)
    {
        var isChanged = await db.ChangeAsync(CachedClasses.Name, change, cancellationToken);
        if (isChanged) await refresher.CatchUpAsync(cancellationToken);
        return isChanged;
    }
}
