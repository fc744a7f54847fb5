using System.Text.Json.Nodes;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Settings.Audit;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.Keys;

/// <summary>
/// API keys in Postgres. What is changed here holds on this replica before it is answered, and on all others within seconds. Changes
/// wait for each other, so that nobody gets past a limit by asking twice at once.
/// </summary>
internal sealed class ApiKeys(AiPipeDb db, AuditLog audit, CostLedger ledger, StateRefresher watch, TimeProvider clock)
{
    /// <summary>How many living keys a person may have.</summary>
    public const int MaxPerPerson = 50;

    /// <summary>How many a person may make in a day: rows stay.</summary>
    private const int MaxPerDay = 200;

    private const int MaxListed = 100;

    /// <summary>Makes a key. Exactly one of <c>Key</c> and <c>Refusal</c> is there; the text is known nowhere else.</summary>
    public async Task<(ApiKey? Key, string Text, Refusal? Refusal)> AddAsync(string user, KeyTerms terms, string? madeBy, CancellationToken cancellationToken)
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
        await db.ChangeAsync(KeyReading.Name, async token =>
        {
            // There already: Postgres lost its answer to us, and this is the second try.
            if (await db.ApiKeys.AnyAsync(made => made.Id == key.Id, token)) return true;
            refusal = await RefuseAsync(user, madeBy, now, token);
            if (refusal is not null) return false;
            db.ApiKeys.Add(key);
            await db.SaveChangesAsync(token);
            if (madeBy is not null) await audit.WriteAsync(madeBy, "user.register", user, before: null, Told(key), note: null, token);
            return true;
        }, cancellationToken);
        if (refusal is not null) return (null, "", refusal);
        await watch.CatchUpAsync(cancellationToken);
        return (key, text, null);
    }

    /// <summary>Gives a living key another text; the old one is good no longer.</summary>
    /// <param name="user">Whose key it is.</param>
    /// <param name="id">The key's.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="byOther">Who does it, if not its user; then it is written down.</param>
    /// <returns><c>null</c> when the person has no such key.</returns>
    public async Task<(ApiKey Key, string Text)?> ResetAsync(string user, Guid id, CancellationToken cancellationToken, string? byOther = null)
    {
        var (now, text) = (clock.GetUtcNow(), ApiKeyText.New());
        var (hash, prefix) = (HashOf(text), text[..ApiKeyText.ShownLength]);
        var isReset = await db.ChangeAsync(KeyReading.Name, async token =>
        {
            var isThere = await db.Database.ExecuteSqlAsync(
                $"""
                update api_keys set hash = {hash}, prefix = {prefix}, changed_at = now()
                where id = {id} and user_name = {user} and revoked_at is null and (expires_at is null or expires_at > {now})
                """, token) > 0;
            if (isThere && byOther is not null)
                await audit.WriteAsync(byOther, "user.reset", user, before: null, new JsonObject { ["id"] = id, ["prefix"] = prefix }, note: null, token);
            return isThere;
        }, cancellationToken);
        if (!isReset) return null;
        await watch.CatchUpAsync(cancellationToken);
        return (await db.ApiKeys.AsNoTracking().SingleAsync(key => key.Id == id, cancellationToken), text);
    }

    /// <summary>Ends a key.</summary>
    /// <param name="who">Who does it.</param>
    /// <param name="id">The key's.</param>
    /// <param name="asAdmin">Whoever's key it is; then it is written down who did it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False when there is no such key; true when it had ended before, too.</returns>
    public async Task<bool> RevokeAsync(string who, Guid id, bool asAdmin, CancellationToken cancellationToken)
    {
        if (await db.ApiKeys.AsNoTracking().SingleOrDefaultAsync(key => key.Id == id && (asAdmin || key.User == who), cancellationToken) is not { } key) return false;
        await db.ChangeAsync(KeyReading.Name, async token =>
        {
            var isNew = await db.Database.ExecuteSqlAsync(
                $"update api_keys set revoked_at = now(), changed_at = now() where id = {id} and revoked_at is null", token) > 0;
            if (isNew && asAdmin) await audit.WriteAsync(who, "key.delete", key.User, Told(key), after: null, note: null, token);
            return isNew;
        }, cancellationToken);
        // Asked for again, too: the first time may have been cut off before it held here.
        await watch.CatchUpAsync(cancellationToken);
        return true;
    }

    /// <summary>All living keys, and of the others the newest, the newest first.</summary>
    /// <param name="user">Whose; <c>null</c> = anybody's.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<List<UsedKey>> ListAsync(string? user, CancellationToken cancellationToken)
    {
        // What was called a moment ago is a use, too.
        await ledger.FlushAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var keys = await db.ApiKeys.AsNoTracking().Where(key => user == null || key.User == user)
            .OrderBy(key => key.RevokedAt != null || key.ExpiresAt <= now).ThenByDescending(key => key.CreatedAt).Take(MaxListed)
            .Select(key => new UsedKey(key, db.Set<LedgerEntry>().Where(entry => entry.ApiKey == key.Id).Max(entry => (DateTimeOffset?)entry.StartedAt)))
            .ToListAsync(cancellationToken);
        return [.. keys.OrderByDescending(used => used.Key.CreatedAt)];
    }

    /// <summary>The living keys that somebody else made for a user: one at most.</summary>
    public static IQueryable<ApiKey> RegisteredOf(AiPipeDb db, string user, DateTimeOffset now) => db.ApiKeys.Where(key =>
        key.User == user && key.MadeBy != null && key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now));

    private async Task<Refusal?> RefuseAsync(string user, string? madeBy, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (madeBy is not null && await RegisteredOf(db, user, now).AnyAsync(cancellationToken)) return Refusal.UserExists(user);
        var own = db.ApiKeys.Where(key => key.User == user);
        if (await own.CountAsync(key => key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now), cancellationToken) >= MaxPerPerson)
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

/// <summary>A key, and when the last call with it began that stands in the ledger.</summary>
internal sealed record UsedKey(ApiKey Key, DateTimeOffset? LastUsedAt);
