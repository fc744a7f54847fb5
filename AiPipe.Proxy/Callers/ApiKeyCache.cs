using System.Collections.Concurrent;

namespace AiPipe.Proxy.Callers;

/// <summary>The active API keys, in memory: one hash and one look-up per call. Only <c>CachedKeys</c> changes them.</summary>
internal sealed class ApiKeyCache
{
    private readonly ConcurrentDictionary<KeyHash, KnownKey> _keys = new();
    private readonly ConcurrentDictionary<Guid, KeyHash> _hashes = new();

    public int Count => _keys.Count;

    /// <summary>The key with this text; <c>null</c> if it is unknown or revoked.</summary>
    public KnownKey? Find(ReadOnlySpan<char> text) => ApiKeyText.TryHash(text, out var hash) ? _keys.GetValueOrDefault(hash) : null;

    /// <summary>Adds or updates a key; an earlier text becomes invalid.</summary>
    public void Put(Guid id, KeyHash hash, KnownKey key)
    {
        if (_hashes.TryGetValue(id, out var earlier) && earlier != hash) _keys.TryRemove(earlier, out _);
        _hashes[id] = hash;
        _keys[hash] = key;
    }

    public void Remove(Guid id)
    {
        if (_hashes.TryRemove(id, out var hash)) _keys.TryRemove(hash, out _);
    }
}

/// <summary>A key as authentication needs it.</summary>
/// <param name="Caller">The key's user, never as an administrator.</param>
/// <param name="ExpiresAt"><c>null</c> = never.</param>
internal sealed record KnownKey(Caller.User Caller, DateTimeOffset? ExpiresAt);
