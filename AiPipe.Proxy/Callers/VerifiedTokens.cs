using System.Collections.Concurrent;
using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Callers;

/// <summary>Caches the content of verified tokens. Expiry, revocation and roles are checked for every request.</summary>
internal sealed class VerifiedTokens
{
    /// <summary>At this number the cache is cleared. Only tokens that we signed get in.</summary>
    private const int MostKept = 4096;
    /// <summary>In characters; with <see cref="MostKept"/> it bounds the memory.</summary>
    private const int LongestKept = 1024;

    private volatile Kept _kept = new([]);

    /// <summary>The content of a token; <c>null</c> if its signature or form is invalid.</summary>
    /// <param name="secret">The current secret; tokens signed with another one are not found.</param>
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
