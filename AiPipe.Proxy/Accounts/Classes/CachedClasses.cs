using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.Classes;

internal sealed class CachedClasses(IServiceScopeFactory scopes, ClassBudgetCache cache, JoinCodes codes, TimeProvider clock) : ICachedState
{
    public const string Name = "classes";

    public string StateName => Name;

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AiPipeDb>();
        // Future classes, too: no replica changes anything at midnight.
        var today = clock.Today;
        var classes = await db.Classes.AsNoTracking().Where(taught => taught.ArchivedAt == null && taught.EndsOn >= today)
            .ToListAsync(cancellationToken);
        var budgets = classes.ToDictionary(static taught => taught.Id, static taught => taught.ToBudget());
        var members = await db.Classes.Where(taught => taught.ArchivedAt == null && taught.EndsOn >= today)
            .Join(db.ClassMembers, taught => taught.Id, member => member.ClassId, (_, member) => new { member.ClassId, member.Email })
            .ToListAsync(cancellationToken);
        // A class created between the two queries is read again with its own version.
        cache.Replace(members.Where(member => budgets.ContainsKey(member.ClassId))
            .Select(member => (member.Email, budgets[member.ClassId])));
        codes.Replace(classes);
    }
}
