using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>Codes that apps exchange for their tokens (RFC 6749 §4.1, as RFC 7636 and OAuth 2.1 have it), on any replica.</summary>
internal sealed class AppCodes(AiPipeDb db, AppGrants grants, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    /// <summary>How long a used or expired code is known, so that using it again can end its grant.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private const int CodeBytes = 32;

    /// <summary>Makes a code for a grant. It is worth a token to who has the verifier: never logged.</summary>
    public async Task<string> IssueAsync(AppGrant grant, string redirect, string challenge, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await db.AppCodes.Where(old => old.ExpiresAt < now - Memory).ExecuteDeleteAsync(cancellationToken);
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CodeBytes));
        db.AppCodes.Add(new AppCode { Hash = HashOf(code), GrantId = grant.Id, Redirect = redirect, Challenge = challenge, ExpiresAt = now + Life });
        await db.SaveChangesAsync(cancellationToken);
        return code;
    }

    /// <summary>The grant that a code stands for, to the first one who asks. Exactly one of the two is there.</summary>
    /// <param name="request">The question.</param>
    /// <param name="redirect">Its address in the one spelling.</param>
    /// <param name="origin">Whose page asks; empty when it is no page.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<(AppGrant? Grant, Refusal? Refusal)> RedeemAsync(
        CodeExchangeRequest request, string? redirect, string origin, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.Code)) return (null, Refusal.InvalidRequest("The parameter \"code\" is missing.", "code"));
        var (hash, now, question) = (HashOf(request.Code), clock.GetUtcNow(), Guid.CreateVersion7());
        if (await db.AppCodes.AsNoTracking().SingleOrDefaultAsync(code => code.Hash == hash, cancellationToken) is not { } found)
            return (null, Refusal.InvalidGrant("it is not known"));
        // Read before the code is taken: whoever comes second ends the grant, and the first still is the first.
        var grant = await db.AppGrants.AsNoTracking().SingleAsync(grant => grant.Id == found.GrantId, cancellationToken);
        // One statement, so that of any number who ask at once, one is first. Whatever is wrong with its question, the code is used up.
        var isFirst = await db.AppCodes.Where(code => code.Hash == hash && (code.UsedAt == null || code.UsedBy == question))
            .ExecuteUpdateAsync(set => set.SetProperty(code => code.UsedAt, now).SetProperty(code => code.UsedBy, question), cancellationToken) == 1;
        if (!isFirst)
        {
            // Somebody else has the code, before or now: what it was worth is taken back (RFC 6749 §4.1.2).
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
            : (null, Refusal.InvalidGrant("the parameter \"code_verifier\" is not the one that the challenge was made of", "code_verifier"));
    }

    private static byte[] HashOf(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code));
}
