using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using AiPipe.Proxy.Accounts.People;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Settings.Audit;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.Keys;

/// <summary>Users registered by name, as in ai-proxy-cloudflare: each has one key and nothing else. Audited.</summary>
internal sealed class RegisteredKeys(AiPipeDb db, ApiKeys keys, AuditLog audit, StateRefresher refresher, TimeProvider clock)
{
    private const string KeyName = "registered";

    public static bool TryName(string written, out string name, [NotNullWhen(false)] out Refusal? refusal)
    {
        name = Email.Normalize(written);
        refusal = Email.IsUsable(name) && !name.AsSpan().ContainsAny("/\\%") && !name.EnumerateRunes().Any(ShownName.IsHidden)
            ? null
            : Refusal.InvalidRequest($"A user's name has from 1 to {Email.MaxLength} characters, and none of / \\ %.", "user");
        return refusal is null;
    }

    public static (KeyTerms? Terms, Refusal? Refusal) TermsOf(string? days)
    {
        if (days is null) return KeyTerms.Read(new KeyRequest(KeyName, null, null, null, null));
        return int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? KeyTerms.Read(new KeyRequest(KeyName, null, null, null, ExpiresInDays: count))
            : (null, Refusal.InvalidRequest("The parameter \"days\" must be a whole number of days.", "days"));
    }

    public Task<(ApiKey? Key, string Text, Refusal? Refusal)> RegisterAsync(
        string user, KeyTerms terms, string who, CancellationToken cancellationToken) =>
        keys.AddAsync(user, terms, who, cancellationToken);

    /// <summary>Replaces the text of a user's key.</summary>
    /// <returns><c>null</c> if there is no such user, or the key has expired.</returns>
    public async Task<(ApiKey Key, string Text)?> ResetAsync(string user, string who, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var id = await ApiKeys.RegisteredOf(db, user, now).OrderByDescending(key => key.CreatedAt).Select(key => (Guid?)key.Id)
            .FirstOrDefaultAsync(cancellationToken);
        return id is { } found ? await keys.ResetAsync(user, found, cancellationToken, who) : null;
    }

    /// <summary>Revokes all keys of a user, self-made ones included; running calls end as they began.</summary>
    /// <returns>False if the user has none.</returns>
    public async Task<bool> DeleteAsync(string user, string who, CancellationToken cancellationToken)
    {
        var ended = 0;
        await db.ChangeAsync(CachedKeys.Name, async token =>
        {
            var now = await db.Database.ExecuteSqlAsync(
                $"update api_keys set revoked_at = now(), changed_at = now() where user_name = {user} and revoked_at is null", token);
            // None are left: this is a retry after a lost response from Postgres.
            if (now == 0) return false;
            ended = now;
            await audit.WriteAsync(who, "user.delete", user, before: new JsonObject { ["keys"] = now }, after: null, note: null, token);
            return true;
        }, cancellationToken);
        await refresher.CatchUpAsync(cancellationToken);
        return ended > 0;
    }
}
