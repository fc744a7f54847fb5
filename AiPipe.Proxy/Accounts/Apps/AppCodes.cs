using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>Codes that apps exchange for tokens (RFC 6749 §4.1 with RFC 7636 and OAuth 2.1), on any replica.</summary>
internal sealed class AppCodes(AiPipeDb db, AppGrants grants, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    /// <summary>How long a used or expired code is kept, so that a reuse can revoke its grant.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private const int CodeBytes = 32;

    /// <summary>Issues a code. With its verifier it is worth a token: never logged.</summary>
    public async Task<string> IssueAsync(AppGrant grant, string redirect, string challenge, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await db.AppCodes.Where(old => old.ExpiresAt < now - Memory).ExecuteDeleteAsync(cancellationToken);
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CodeBytes));
        db.AppCodes.Add(new AppCode
        {
            Hash = HashOf(code),
            GrantId = grant.Id,
            Redirect = redirect,
            Challenge = challenge,
            ExpiresAt = now + Life
        });
        await db.SaveChangesAsync(cancellationToken);
        return code;
    }

    /// <summary>Returns the grant of a code to the first request, or a refusal.</summary>
    public async Task<(AppGrant? Grant, Refusal? Refusal)> RedeemAsync(
        CodeExchangeRequest request, string? redirect, string origin, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.Code)) return (null, Refusal.InvalidRequest("The parameter \"code\" is missing.", "code"));
        var (hash, now, question) = (HashOf(request.Code), clock.GetUtcNow(), Guid.CreateVersion7());
        if (await db.AppCodes.AsNoTracking().SingleOrDefaultAsync(code => code.Hash == hash, cancellationToken) is not { } found)
            return (null, Refusal.InvalidGrant("it is not known"));
        // Read before the code is used: a second request revokes the grant, while the first still succeeds.
        var grant = await db.AppGrants.AsNoTracking().SingleAsync(grant => grant.Id == found.GrantId, cancellationToken);
        // One statement, so that exactly one of concurrent requests is first. The code is used up even if the request is invalid.
        var isFirst = await db.AppCodes.Where(code => code.Hash == hash && (code.UsedAt == null || code.UsedBy == question))
            .ExecuteUpdateAsync(set =>
                set.SetProperty(code => code.UsedAt, now).SetProperty(code => code.UsedBy, question), cancellationToken) == 1;
        if (!isFirst)
        {
            // The code was used by another client: revoke its grant (RFC 6749 §4.1.2).
            await grants.RevokeAsync(grant.User, grant.Id, cancellationToken);
            return (null, Refusal.InvalidGrant("it was used before"));
        }
        if (found.ExpiresAt <= now || !grant.IsActiveAt(now)) return (null, Refusal.InvalidGrant("it has expired"));
        if (redirect != found.Redirect)
            return (null, Refusal.InvalidGrant("the parameter \"redirect_uri\" is not the address that it was sent to", "redirect_uri"));
        if (origin.Length > 0 && origin != grant.Origin)
            return (null, Refusal.InvalidGrant("it was made for another web app"));
        return CodeChallenge.IsMetBy(request.CodeVerifier, found.Challenge)
            ? (grant, null)
            : (null, Refusal.InvalidGrant(
                "the parameter \"code_verifier\" is not the one that the challenge was made of", "code_verifier"));
    }

    private static byte[] HashOf(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code));
}
