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

/// <summary>
/// Users that an admin registers by a name, as in ai-proxy-cloudflare: each has one key, which is all that they have. Whatever is done to
/// them is written down.
/// </summary>
internal sealed class RegisteredKeys(AiPipeDb db, ApiKeys keys, AuditLog audit, StateRefresher watch, TimeProvider clock)
{
    private const string KeyName = "registered";

    /// <summary>A user's name as it stands in a path; it has no slashes, so that it stays in its place there.</summary>
    public static bool TryName(string written, out string name, [NotNullWhen(false)] out Refusal? refusal)
    {
        name = Email.Normalize(written);
        refusal = Email.IsUsable(name) && !name.AsSpan().ContainsAny("/\\%") && !name.EnumerateRunes().Any(ShownName.IsHidden)
            ? null
            : Refusal.InvalidRequest($"A user's name has from 1 to {Email.MaxLength} characters, and none of / \\ %.", "user");
        return refusal is null;
    }

    /// <summary>What a registered key is; exactly one of the two is there.</summary>
    /// <param name="days">How long it is good, as written; <c>null</c> = for ever.</param>
    public static (KeyTerms? Terms, Refusal? Refusal) TermsOf(string? days)
    {
        if (days is null) return KeyTerms.Read(new KeyRequest(KeyName, null, null, null, null));
        return int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? KeyTerms.Read(new KeyRequest(KeyName, null, null, null, ExpiresInDays: count))
            : (null, Refusal.InvalidRequest("The parameter \"days\" must be a whole number of days.", "days"));
    }

    /// <summary>Makes a user's key. Exactly one of <c>Key</c> and <c>Refusal</c> is there.</summary>
    /// <param name="user">In lower case.</param>
    /// <param name="terms">What it is.</param>
    /// <param name="who">Who does it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<(ApiKey? Key, string Text, Refusal? Refusal)> RegisterAsync(string user, KeyTerms terms, string who, CancellationToken cancellationToken) =>
        keys.AddAsync(user, terms, who, cancellationToken);

    /// <summary>Gives a user's key another text; the old one is good no longer.</summary>
    /// <returns><c>null</c> when there is no such user, or their key has expired.</returns>
    public async Task<(ApiKey Key, string Text)?> ResetAsync(string user, string who, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var id = await ApiKeys.RegisteredOf(db, user, now).OrderByDescending(key => key.CreatedAt).Select(key => (Guid?)key.Id).FirstOrDefaultAsync(cancellationToken);
        return id is { } found ? await keys.ResetAsync(user, found, cancellationToken, who) : null;
    }

    /// <summary>Ends all keys of a user, their own ones as well; a call in flight ends as it began.</summary>
    /// <returns>False when they have none.</returns>
    public async Task<bool> DeleteAsync(string user, string who, CancellationToken cancellationToken)
    {
        var ended = 0;
        await db.ChangeAsync(KeyReading.Name, async token =>
        {
            var now = await db.Database.ExecuteSqlAsync(
                $"update api_keys set revoked_at = now(), changed_at = now() where user_name = {user} and revoked_at is null", token);
            // None any more: Postgres lost its answer to us, and this is the second try.
            if (now == 0) return false;
            ended = now;
            await audit.WriteAsync(who, "user.delete", user, before: new JsonObject { ["keys"] = now }, after: null, note: null, token);
            return true;
        }, cancellationToken);
        await watch.CatchUpAsync(cancellationToken);
        return ended > 0;
    }
}
