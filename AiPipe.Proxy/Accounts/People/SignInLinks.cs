using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.People;

/// <summary>Links by which somebody without a password signs in, once. Opening one uses nothing up: mail scanners do that, too.</summary>
internal sealed class SignInLinks(AiPipeDb db, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    /// <summary>How long a link that is of no use any more is kept.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(30);

    private const int CodeBytes = 32;

    /// <summary>The longest text that is looked up.</summary>
    private const int MaxCodeLength = 100;

    /// <summary>Makes one. Its code is worth a token: never logged.</summary>
    public async Task<(string Code, DateTimeOffset ExpiresAt)> IssueAsync(string email, string? madeBy, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await db.SignInLinks.Where(link => link.ExpiresAt < now - Memory).ExecuteDeleteAsync(cancellationToken);
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CodeBytes));
        db.SignInLinks.Add(new SignInLink { Hash = HashOf(code), Email = email, ExpiresAt = now + Life, MadeBy = madeBy });
        await db.SaveChangesAsync(cancellationToken);
        return (code, now + Life);
    }

    /// <summary>Whom a code signs in: to the first one who asks, while it is good; else <c>null</c>.</summary>
    public async Task<string?> RedeemAsync(string code, CancellationToken cancellationToken)
    {
        if (code.Length is 0 or > MaxCodeLength) return null;
        var (hash, now, question) = (HashOf(code), clock.GetUtcNow(), Guid.CreateVersion7());
        // One statement, so that of any number who ask at once, one is first.
        var emails = await db.Database.SqlQuery<string>(
            $"""
            update sign_in_links set used_at = {now}, used_by = {question}
            where hash = {hash} and (used_at is null or used_by = {question}) and expires_at > {now} returning email as "Value"
            """)
            .ToListAsync(cancellationToken);
        return emails.Count == 0 ? null : emails[0];
    }

    /// <summary>Where a link leads.</summary>
    /// <param name="origin">Where browsers find us.</param>
    /// <param name="code">Its code.</param>
    public static string AddressOf(string origin, string code) => $"{origin.TrimEnd('/')}/login?link={code}";

    private static byte[] HashOf(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code));
}
