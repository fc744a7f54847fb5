using System.Text.Json.Nodes;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Settings.Audit;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.Keys;

/// <summary>API keys in Postgres. Changes are serialized, so that concurrent requests cannot exceed a limit.</summary>
internal sealed class ApiKeys(AiPipeDb db, AuditLog audit, CostLedger ledger, StateRefresher refresher, TimeProvider clock)
{
    /// <summary>Active keys per person.</summary>
    public const int MaxPerPerson = 50;

    /// <summary>New keys per person and day, because rows are never deleted.</summary>
    private const int MaxPerDay = 200;

    private const int MaxListed = 100;

    /// <summary>Creates a key or returns the refusal. The text is not stored.</summary>
    public async Task<(ApiKey? Key, string Text, Refusal? Refusal)> AddAsync(
        string user, KeyTerms terms, string? madeBy, CancellationToken cancellationToken)
    {
        var (now, text) = (clock.GetUtcNow(), ApiKeyText.New());
        var key = new ApiKey
        {
            Id = Guid.CreateVersion7(now),
            Hash = HashOf(text),
            User = user,
            Name = terms.Name,
            Prefix = text[..ApiKeyText.ShownLength],
            Limit = terms.Limit,
            Days = terms.Days,
            CreatedAt = now,
            ExpiresAt = terms.ExpiresInDays is { } days ? now.AddDays(days) : null,
            MadeBy = madeBy,
        };
        Refusal? refusal = null;
        await db.ChangeAsync(CachedKeys.Name, async token =>
        {
            // The row exists: this is a retry after a lost response from Postgres.
            if (await db.ApiKeys.AnyAsync(made => made.Id == key.Id, token)) return true;
            refusal = await RefuseAsync(user, madeBy, now, token);
            if (refusal is not null) return false;
            db.ApiKeys.Add(key);
            await db.SaveChangesAsync(token);
            if (madeBy is not null) await audit.WriteAsync(madeBy, "user.register", user, before: null, Told(key), note: null, token);
            return true;
        }, cancellationToken);
        if (refusal is not null) return (null, "", refusal);
        await refresher.CatchUpAsync(cancellationToken);
        return (key, text, null);
    }

    /// <summary>Replaces the text of an active key.</summary>
    /// <returns><c>null</c> if the person has no such key.</returns>
    public async Task<(ApiKey Key, string Text)?> ResetAsync(
        string user, Guid id, CancellationToken cancellationToken, string? byOther = null)
    {
        var (now, text) = (clock.GetUtcNow(), ApiKeyText.New());
        var (hash, prefix) = (HashOf(text), text[..ApiKeyText.ShownLength]);
        var isReset = await db.ChangeAsync(CachedKeys.Name, async token =>
        {
            var isThere = await db.Database.ExecuteSqlAsync(
                $"""
                update api_keys set hash = {hash}, prefix = {prefix}, changed_at = now()
                where id = {id} and user_name = {user} and revoked_at is null and (expires_at is null or expires_at > {now})
                """, token) > 0;
            if (isThere && byOther is not null)
                await audit.WriteAsync(
                    byOther, "user.reset", user, before: null, new JsonObject { ["id"] = id, ["prefix"] = prefix }, note: null, token);
            return isThere;
        }, cancellationToken);
        if (!isReset) return null;
        await refresher.CatchUpAsync(cancellationToken);
        return (await db.ApiKeys.AsNoTracking().SingleAsync(key => key.Id == id, cancellationToken), text);
    }

    /// <summary>Revokes a key.</summary>
    /// <returns>False if there is no such key; true also if it was revoked before.</returns>
    public async Task<bool> RevokeAsync(string who, Guid id, bool asAdmin, CancellationToken cancellationToken)
    {
        if (await db.ApiKeys.AsNoTracking()
            .SingleOrDefaultAsync(key => key.Id == id && (asAdmin || key.User == who), cancellationToken) is not { } key) return false;
        await db.ChangeAsync(CachedKeys.Name, async token =>
        {
            var isNew = await db.Database.ExecuteSqlAsync(
                $"update api_keys set revoked_at = now(), changed_at = now() where id = {id} and revoked_at is null", token) > 0;
            if (isNew && asAdmin) await audit.WriteAsync(who, "key.delete", key.User, Told(key), after: null, note: null, token);
            return isNew;
        }, cancellationToken);
        // For a repeated request, too: the first one may have been cancelled before the change was active here.
        await refresher.CatchUpAsync(cancellationToken);
        return true;
    }

    /// <summary>All active keys and the newest of the others, newest first.</summary>
    /// <param name="user"><c>null</c> = everyone's.</param>
    public async Task<List<UsedKey>> ListAsync(string? user, CancellationToken cancellationToken)
    {
        // The last use includes calls of a moment ago.
        await ledger.FlushAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var keys = await db.ApiKeys.AsNoTracking().Where(key => user == null || key.User == user)
            .OrderBy(key => key.RevokedAt != null || key.ExpiresAt <= now).ThenByDescending(key => key.CreatedAt).Take(MaxListed)
            .Select(key => new UsedKey(
                key, db.Set<LedgerEntry>().Where(entry => entry.ApiKey == key.Id).Max(entry => (DateTimeOffset?)entry.StartedAt)))
            .ToListAsync(cancellationToken);
        return [.. keys.OrderByDescending(used => used.Key.CreatedAt)];
    }

    /// <summary>The active keys that an administrator created for a user: one at most.</summary>
    public static IQueryable<ApiKey> RegisteredOf(AiPipeDb db, string user, DateTimeOffset now) => db.ApiKeys.Where(key =>
        key.User == user && key.MadeBy != null && key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now));

    private async Task<Refusal?> RefuseAsync(string user, string? madeBy, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (madeBy is not null && await RegisteredOf(db, user, now).AnyAsync(cancellationToken)) return Refusal.UserExists(user);
        var own = db.ApiKeys.Where(key => key.User == user);
        if (await own.CountAsync(
            key => key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now), cancellationToken) >= MaxPerPerson)
            return Refusal.TooManyKeys(MaxPerPerson);
        var dayAgo = now.AddDays(-1);
        return await own.CountAsync(key => key.CreatedAt > dayAgo, cancellationToken) >= MaxPerDay
            ? Refusal.RateLimited("You have made too many API keys today. Try again tomorrow.", TimeSpan.FromHours(1))
            : null;
    }

    private static JsonObject Told(ApiKey key) => new() { ["id"] = key.Id, ["name"] = key.Name, ["prefix"] = key.Prefix };

    private static byte[] HashOf(string text) =>
        ApiKeyText.TryHash(text, out var hash) ? hash.ToBytes() : throw new InvalidOperationException("A new key has the wrong form.");
}

internal sealed record UsedKey(ApiKey Key, DateTimeOffset? LastUsedAt);
