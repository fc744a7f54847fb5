using System.Collections.Concurrent;

namespace AiPipe.Proxy.Callers;

/// <summary>
/// The living API keys, in memory: a call costs one hash and one look into a dictionary. Whoever reads them from Postgres is the only
/// one to change it.
/// </summary>
internal sealed class ApiKeyCache
{
    private readonly ConcurrentDictionary<KeyHash, KnownKey> _keys = new();
    private readonly ConcurrentDictionary<Guid, KeyHash> _hashes = new();

    public int Count => _keys.Count;

    /// <summary>The key of this text; <c>null</c> when there is none, or none any more.</summary>
    public KnownKey? Find(ReadOnlySpan<char> text) => ApiKeyText.TryHash(text, out var hash) ? _keys.GetValueOrDefault(hash) : null;

    /// <summary>Adds a key, or says what is new about it; the text that it had before is good no longer.</summary>
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

/// <summary>A key as calls know it.</summary>
/// <param name="Caller">Who calls with it: its user, but never as an admin.</param>
/// <param name="ExpiresAt">From then on it is good no longer; <c>null</c> = never.</param>
internal sealed record KnownKey(Caller.User Caller, DateTimeOffset? ExpiresAt);
