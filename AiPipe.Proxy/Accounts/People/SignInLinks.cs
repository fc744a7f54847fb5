using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.People;

/// <summary>One-time links for people without a password. Mail scanners open links, so that does not use them up.</summary>
internal sealed class SignInLinks(AiPipeDb db, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    /// <summary>How long a used or expired link is kept.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(30);

    private const int CodeBytes = 32;

    /// <summary>The longest code that is looked up, in characters.</summary>
    private const int MaxCodeLength = 100;

    /// <summary>Creates a link. Its code is worth a token: never logged.</summary>
    public async Task<(string Code, DateTimeOffset ExpiresAt)> IssueAsync(string email, string? madeBy, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await db.SignInLinks.Where(link => link.ExpiresAt < now - Memory).ExecuteDeleteAsync(cancellationToken);
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CodeBytes));
        db.SignInLinks.Add(new SignInLink { Hash = HashOf(code), Email = email, ExpiresAt = now + Life, MadeBy = madeBy });
        await db.SaveChangesAsync(cancellationToken);
        return (code, now + Life);
    }

    /// <summary>The address for a valid code, for the first request only; otherwise <c>null</c>.</summary>
    public async Task<string?> RedeemAsync(string code, CancellationToken cancellationToken)
    {
        if (code.Length is 0 or > MaxCodeLength) return null;
        var (hash, now, question) = (HashOf(code), clock.GetUtcNow(), Guid.CreateVersion7());
        // One statement, so that exactly one of concurrent requests is first.
        var emails = await db.Database.SqlQuery<string>(
            $"""
            update sign_in_links set used_at = {now}, used_by = {question}
            where hash = {hash} and (used_at is null or used_by = {question}) and expires_at > {now} returning email as "Value"
            """)
            .ToListAsync(cancellationToken);
        return emails.Count == 0 ? null : emails[0];
    }

    /// <summary>The address of a link.</summary>
    public static string AddressOf(string origin, string code) => $"{origin.TrimEnd('/')}/login?link={code}";

    private static byte[] HashOf(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code));
}
