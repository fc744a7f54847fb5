using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>Grants to web apps. Every query is limited to one person: grants of others are not found.</summary>
internal sealed class AppGrants(AiPipeDb db, RevokedGrants revoked, TimeProvider clock)
{
    /// <summary>Unexpired grants per person: replicas keep the revoked ones in memory.</summary>
    public const int MaxPerPerson = 1000;

    private const int MaxListed = 100;

    public async Task<(AppGrant? Grant, Refusal? Refusal)> AddAsync(
        string user, AppReturn goal, GrantTerms terms, bool remember, CancellationToken cancellationToken)
    {
        var (now, origin, redirect) = (clock.GetUtcNow(), goal.To.Origin.Text, goal.To.Text);
        if (await db.AppGrants.CountAsync(grant => grant.User == user && grant.ExpiresAt > now, cancellationToken) >= MaxPerPerson)
            return (null, Refusal.RateLimited(
                "You have given too many grants to web apps. Try again when some of them have expired.", retryAfter: null));
        var grant = new AppGrant
        {
            Id = Guid.CreateVersion7(now),
            User = user,
            Origin = origin,
            Limit = terms.LimitInPico,
            Days = terms.Days,
            Remembered = remember,
            Redirect = redirect,
            UsesCode = goal.Challenge is not null
                || await db.AppGrants.AnyAsync(
                    earlier => earlier.User == user && earlier.Origin == origin && earlier.UsesCode, cancellationToken),
            CreatedAt = now,
            ExpiresAt = DateTimeOffset.FromUnixTimeSeconds((now + TimeSpan.FromDays(terms.ExpiresInDays)).ToUnixTimeSeconds()),
        };
        db.AppGrants.Add(grant);
        await db.SaveChangesAsync(cancellationToken);
        // The newest consent counts: an older one must not apply again after a revocation.
        if (remember)
        {
            await db.AppGrants.Where(older => older.User == user && older.Origin == origin && older.Remembered && older.Id != grant.Id
                    && (older.Redirect == null || older.Redirect == redirect))
                .ExecuteUpdateAsync(set => set.SetProperty(older => older.Remembered, false), cancellationToken);
        }
        return (grant, null);
    }

    public Task<AppGrant?> FindAsync(string user, Guid id, CancellationToken cancellationToken) =>
        db.AppGrants.AsNoTracking().SingleOrDefaultAsync(grant => grant.Id == id && grant.User == user, cancellationToken);

    /// <summary>The grant by which an app gets a new token without asking again.</summary>
    public async Task<AppGrant?> RememberedAsync(string user, AppReturn goal, CancellationToken cancellationToken)
    {
        var (now, origin, redirect) = (clock.GetUtcNow(), goal.To.Origin.Text, goal.To.Text);
        var newest = await db.AppGrants.AsNoTracking()
            .Where(grant => grant.User == user && grant.Origin == origin && grant.Redirect == redirect && grant.Remembered
                && grant.RevokedAt == null && grant.ExpiresAt > now)
            .OrderByDescending(grant => grant.CreatedAt).FirstOrDefaultAsync(cancellationToken);
        return newest?.Covers(goal) is true ? newest : null;
    }

    public Task<List<AppGrant>> ListAsync(string user, CancellationToken cancellationToken) =>
        db.AppGrants.AsNoTracking().Where(grant => grant.User == user)
            .OrderByDescending(grant => grant.CreatedAt).ThenByDescending(grant => grant.Id).Take(MaxListed).ToListAsync(cancellationToken);

    /// <summary>Revokes a grant and all its tokens: here at once, on other replicas within seconds.</summary>
    /// <returns>False if the person has no such grant; true also if it was revoked before.</returns>
    public async Task<bool> RevokeAsync(string user, Guid id, CancellationToken cancellationToken)
    {
        if (await FindAsync(user, id, cancellationToken) is not { } grant) return false;
        // By Postgres's clock: replicas poll for rows newer than their newest.
        await db.ChangeAsync(Revocations.Name, async token => await db.Database.ExecuteSqlAsync(
            $"update app_grants set revoked_at = now() where id = {id} and revoked_at is null", token) > 0, cancellationToken);
        revoked.Add([new RevokedGrant(grant.Id, grant.ExpiresAt)], clock.GetUtcNow());
        return true;
    }
}
