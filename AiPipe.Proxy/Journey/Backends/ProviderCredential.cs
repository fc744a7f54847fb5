using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Journey.Backends;

/// <summary>One of our keys for a provider.</summary>
/// <param name="key">The key itself. Never logged, traced or echoed.</param>
internal sealed class ProviderCredential(string key)
{
    private long _asideUntil;

    public string Key { get; } = key;

    /// <summary>What tells it from other keys, in every replica, without telling the key.</summary>
    public string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16));

    /// <summary>Whether the provider refused this key a short while ago: such a key is tried last.</summary>
    public bool IsAside(DateTimeOffset now) => now.UtcTicks < Volatile.Read(ref _asideUntil);

    /// <summary>Takes the key out of the rotation for a while, after the provider answered 401 or 403 to it.</summary>
    public void SetAside(DateTimeOffset until) => Volatile.Write(ref _asideUntil, until.UtcTicks);
}

/// <summary>
/// The order in which a call tries a provider's keys: in turn, the refused ones last. They are never left out altogether, so that
/// nobody can lock a provider by provoking refusals.
/// </summary>
internal sealed class CredentialRotation(TimeProvider time)
{
    /// <summary>How long a refused key is tried last.</summary>
    public static readonly TimeSpan Aside = TimeSpan.FromMinutes(5);

    private uint _turn;

    public IReadOnlyList<ProviderCredential> Order(Provider provider)
    {
        var all = provider.Credentials;
        if (all.Count <= 1) return all;
        var now = time.GetUtcNow();
        var first = (int)(Interlocked.Increment(ref _turn) % (uint)all.Count);
        var turned = Enumerable.Range(first, all.Count).Select(i => all[i % all.Count]);
        return turned.OrderBy(credential => credential.IsAside(now)).ToList();
    }

    public void SetAside(ProviderCredential credential) => credential.SetAside(time.GetUtcNow() + Aside);
}
