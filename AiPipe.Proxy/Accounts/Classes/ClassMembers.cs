using System.Text.Json.Nodes;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Settings.Audit;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary>Who is in which class. A change holds on this replica when its method returns.</summary>
internal sealed class ClassMembers(AiPipeDb db, AuditLog audit, StateRefresher watch, TimeProvider clock)
{
    private const string ByRoster = "roster";
    private const string ByCode = "code";

    public Task<List<ClassMember>> ListAsync(Guid id, CancellationToken cancellationToken) =>
        db.ClassMembers.AsNoTracking().Where(member => member.ClassId == id).OrderBy(member => member.Email).ToListAsync(cancellationToken);

    /// <summary>Puts everybody on a list into a class.</summary>
    /// <param name="taught">Which one.</param>
    /// <param name="members">Addresses in lower case, and names.</param>
    /// <param name="most">How many may be in it.</param>
    /// <param name="by">Who does it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many were not in it before; <c>null</c> when it would be too many, and nobody is added.</returns>
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
                await audit.WriteAsync(by.Email, "class.roster", $"class/{taught.Id}", before: null, new JsonObject { ["added"] = added }, note: null, token);
            return true;
        }, cancellationToken);
        return isChanged ? added : null;
    }

    /// <summary>Somebody joins by a class's code.</summary>
    /// <param name="id">The class that has it.</param>
    /// <param name="email">Who joins.</param>
    /// <param name="code">As it was typed.</param>
    /// <param name="mostOf">How many may be in a class.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The class, and whether it was too full; <c>null</c> when it has another code by now, or is over.</returns>
    public async Task<(TaughtClass Class, bool IsFull)?> JoinAsync(
        Guid id, string email, string? code, Func<TaughtClass, int> mostOf, CancellationToken cancellationToken)
    {
        var (now, today, typed) = (clock.GetUtcNow(), clock.Today, JoinCode.Normalize(code));
        var taught = await db.Classes.AsNoTracking().SingleOrDefaultAsync(
            found => found.Id == id && found.JoinCode == typed && found.ArchivedAt == null && found.EndsOn >= today, cancellationToken);
        if (taught is null) return null;
        // Whoever is in it already changes nothing, and wakes no replica up.
        if (await db.ClassMembers.AnyAsync(member => member.ClassId == id && member.Email == email, cancellationToken)) return (taught, false);
        var isJoined = await ChangeAsync(async token =>
        {
            await db.Database.ExecuteSqlAsync(
                $"insert into class_members (class_id, email, joined_at, how) values ({id}, {email}, {now}, {ByCode}) on conflict do nothing", token);
            return await CountAsync(id, token) <= mostOf(taught);
        }, cancellationToken);
        return (taught, !isJoined);
    }

    /// <summary>Takes somebody out; calls in flight end as they began.</summary>
    /// <returns>False when they are not in it.</returns>
    public Task<bool> RemoveAsync(Guid id, string email, Caller.User by, bool isOwn, CancellationToken cancellationToken) =>
        ChangeAsync(async token =>
        {
            if (await db.ClassMembers.Where(member => member.ClassId == id && member.Email == email).ExecuteDeleteAsync(token) == 0) return false;
            if (!isOwn) await audit.WriteAsync(by.Email, "class.remove", $"class/{id}", new JsonObject { ["member"] = email }, after: null, note: null, token);
            return true;
        }, cancellationToken);

    /// <summary>Changes of classes wait for each other (<see cref="Changes.ChangeAsync"/>), so that nobody joins between a count and its end.</summary>
    private Task<int> CountAsync(Guid id, CancellationToken cancellationToken) =>
        db.ClassMembers.CountAsync(member => member.ClassId == id, cancellationToken);

    private async Task<bool> ChangeAsync(Func<CancellationToken, Task<bool>> change, CancellationToken cancellationToken)
    {
        var isChanged = await db.ChangeAsync(ClassWatch.Name, change, cancellationToken);
        if (isChanged) await watch.CatchUpAsync(cancellationToken);
        return isChanged;
    }
}
