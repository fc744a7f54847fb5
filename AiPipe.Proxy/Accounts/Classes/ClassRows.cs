using System.Text.Json.Nodes;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Settings.Audit;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary>Stores classes, found by their teacher and administrators. Changes are active here when a method returns.</summary>
internal sealed class ClassRows(AiPipeDb db, AuditLog audit, StateRefresher refresher, CostLedger ledger, TimeProvider clock)
{
    private const int MostListed = 200;

    private static readonly TimeSpan ArchiveMemory = TimeSpan.FromDays(30);

    public Task<TaughtClass?> FindAsync(Guid id, Caller.User asking, CancellationToken cancellationToken) =>
        db.Classes.AsNoTracking()
            .SingleOrDefaultAsync(taught => taught.Id == id && (asking.IsAdmin || taught.Owner == asking.Email), cancellationToken);

    /// <summary>A teacher's classes that are not archived, with their members' number; <c>null</c> = everyone's.</summary>
    public async Task<List<(TaughtClass Class, int Members)>> TaughtByAsync(string? owner, CancellationToken cancellationToken)
    {
        var found = await db.Classes.AsNoTracking().Where(taught => taught.ArchivedAt == null && (owner == null || taught.Owner == owner))
            .OrderByDescending(taught => taught.CreatedAt).ThenByDescending(taught => taught.Id).Take(MostListed)
            .Select(taught => new { Class = taught, Members = db.Set<ClassMember>().Count(member => member.ClassId == taught.Id) })
                .ToListAsync(cancellationToken);
        return [.. found.Select(static taught => (taught.Class, taught.Members))];
    }

    public Task<List<TaughtClass>> JoinedByAsync(string email, CancellationToken cancellationToken) =>
        db.ClassMembers.Where(member => member.Email == email)
            .Join(db.Classes.AsNoTracking().Where(taught => taught.ArchivedAt == null), member => member.ClassId, taught =>
                taught.Id, (_, taught) => taught)
            .OrderByDescending(taught => taught.CreatedAt).Take(MostListed).ToListAsync(cancellationToken);

    /// <summary>Creates a class; <c>null</c> if the teacher would have more than <paramref name="most"/> that have not ended.</summary>
    public async Task<TaughtClass?> AddAsync(string owner, ClassTerms terms, int? most, CancellationToken cancellationToken)
    {
        var (now, today) = (clock.GetUtcNow(), clock.Today);
        var taught = Create(terms, Guid.CreateVersion7(now), owner, JoinCode.New(), now);
        var isAdded = await ChangeAsync(async token =>
        {
            if (most is { } limit
                && await db.Classes.CountAsync(
                own => own.Owner == owner && own.ArchivedAt == null && own.EndsOn >= today, token) >= limit) return false;
            db.Classes.Add(taught);
            await db.SaveChangesAsync(token);
            return true;
        }, cancellationToken);
        return isAdded ? taught : null;
    }

    /// <summary>
    /// What the teacher's archived classes have spent that would still run, or were archived lately. A new class must not add a total.
    /// </summary>
    public async Task<PicoUsd> SpentByArchivedAsync(string owner, CancellationToken cancellationToken)
    {
        var (today, lately) = (clock.Today, clock.GetUtcNow() - ArchiveMemory);
        var ids = await db.Classes
            .Where(own => own.Owner == owner && own.ArchivedAt != null && (own.EndsOn >= today || own.ArchivedAt > lately))
            .Select(own => own.Id).ToListAsync(cancellationToken);
        if (ids.Count == 0) return PicoUsd.Zero;
        await ledger.FlushAsync(cancellationToken);
        var scopes = ids.ConvertAll(static id => ClassBudget.TogetherKeyOf(id));
        var costs = await db.Set<DailySpend>().Where(spend => scopes.Contains(spend.Scope)).Select(spend => spend.Cost)
            .ToListAsync(cancellationToken);
        return costs.Aggregate(PicoUsd.Zero, static (sum, cost) => sum + cost);
    }

    public async Task<TaughtClass> ChangeAsync(TaughtClass taught, ClassTerms terms, Caller.User by, CancellationToken cancellationToken)
    {
        var changed = Create(terms, taught.Id, taught.Owner, taught.JoinCode, taught.CreatedAt);
        await ChangeAsync(async token =>
        {
            await db.Classes.Where(row => row.Id == taught.Id).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.Name, changed.Name).SetProperty(row => row.StartsOn, changed.StartsOn)
                    .SetProperty(row => row.EndsOn, changed.EndsOn)
                .SetProperty(row => row.Limit, changed.Limit).SetProperty(row => row.Days, changed.Days)
                    .SetProperty(row => row.Models, changed.Models)
                .SetProperty(row => row.OnlyTheseModels, changed.OnlyTheseModels)
                    .SetProperty(row => row.TogetherLimit, changed.TogetherLimit), token);
            await AuditAsync(by, "class.change", changed, Summary(taught), Summary(changed), token);
            return true;
        }, cancellationToken);
        return changed;
    }

    public Task ArchiveAsync(TaughtClass taught, Caller.User by, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return ChangeAsync(async token =>
        {
            await db.Classes.Where(row => row.Id == taught.Id && row.ArchivedAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.ArchivedAt, now), token);
            await AuditAsync(by, "class.archive", taught, Summary(taught), after: null, token);
            return true;
        }, cancellationToken);
    }

    public async Task<TaughtClass> RecodeAsync(TaughtClass taught, Caller.User by, CancellationToken cancellationToken)
    {
        var code = JoinCode.New();
        await ChangeAsync(async token =>
        {
            await db.Classes.Where(row => row.Id == taught.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.JoinCode, code), token);
            await AuditAsync(by, "class.code", taught, before: null, after: null, token);
            return true;
        }, cancellationToken);
        return taught with { JoinCode = code };
    }

    private Task AuditAsync(
        Caller.User by, string action, TaughtClass taught, JsonObject? before, JsonObject? after, CancellationToken cancellationToken) =>
        by.Email == taught.Owner
            ? Task.CompletedTask : audit.WriteAsync(by.Email, action, $"class/{taught.Id}", before, after, note: null, cancellationToken);

    private async Task<bool> ChangeAsync(Func<CancellationToken, Task<bool>> change, CancellationToken cancellationToken)
    {
        var isChanged = await db.ChangeAsync(CachedClasses.Name, change, cancellationToken);
        if (isChanged) await refresher.CatchUpAsync(cancellationToken);
        return isChanged;
    }

    private static JsonObject Summary(TaughtClass taught) => new()
    {
        ["name"] = taught.Name,
        ["owner"] = taught.Owner,
        ["starts_on"] = taught.StartsOn.ToString("O"),
        ["ends_on"] = taught.EndsOn.ToString("O"),
        ["limit"] = taught.Limit.ToUsd(),
        ["days"] = taught.Days,
        ["models"] = new JsonArray([.. taught.Models.Select(static model => (JsonNode)model)]),
        ["only_these_models"] = taught.OnlyTheseModels,
        ["together_limit"] = taught.TogetherLimit?.ToUsd(),
    };

    private static TaughtClass Create(ClassTerms terms, Guid id, string owner, string code, DateTimeOffset createdAt) => new()
    {
        Id = id,
        Name = terms.Name,
        Owner = owner,
        JoinCode = code,
        StartsOn = terms.StartsOn,
        EndsOn = terms.EndsOn,
        Limit = terms.Limit,
        Days = terms.Days,
        Models = terms.Models,
        OnlyTheseModels = terms.OnlyTheseModels,
        TogetherLimit = terms.TogetherLimit,
        CreatedAt = createdAt,
    };
}
