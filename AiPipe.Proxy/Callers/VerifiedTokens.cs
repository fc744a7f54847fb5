using System.Collections.Concurrent;
using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Callers;

/// <summary>
/// Tokens whose signature was right, so that a caller's next request costs a look-up. Only what a token says is kept: whether it has
/// expired or been revoked, and who is an admin, is asked of every request.
/// </summary>
internal sealed class VerifiedTokens
{
    /// <summary>When there are more, all are forgotten and checked anew. Nobody fills it with tokens that we did not sign.</summary>
    private const int MostKept = 4096;
    /// <summary>In characters; with <see cref="MostKept"/> the bound of its memory.</summary>
    private const int LongestKept = 1024;

    private volatile Kept _kept = new([]);

    /// <summary>What a token says, its address in the one spelling; <c>null</c> when its signature or its form is wrong.</summary>
    /// <param name="token">Of the shape <c>a.b.c</c>.</param>
    /// <param name="secret">The key that is configured now: what another one signed is not found.</param>
    public ValueTask<TokenPayload?> FindAsync(string token, byte[] secret)
    {
        var kept = _kept;
        if (!ReferenceEquals(kept.Secret, secret)) _kept = kept = new Kept(secret);
        return kept.Payloads.TryGetValue(token, out var known) ? ValueTask.FromResult<TokenPayload?>(known) : VerifyAsync(token, kept);
    }

    private async ValueTask<TokenPayload?> VerifyAsync(string token, Kept kept)
    {
        if (await Jwt.VerifyAsync(token, kept.Secret) is not { } json || TokenPayload.Parse(json) is not { } payload) return null;
        if (Email.IsUsable(payload.Email)) payload = payload with { Email = Email.Normalize(payload.Email!) };
        if (token.Length > LongestKept) return payload;
        if (kept.Payloads.Count >= MostKept) _kept = kept = new Kept(kept.Secret);
        kept.Payloads.TryAdd(token, payload);
        return payload;
    }

    private sealed record Kept(byte[] Secret)
    {
        public ConcurrentDictionary<string, TokenPayload> Payloads { get; } = new(StringComparer.Ordinal);
    }
}
