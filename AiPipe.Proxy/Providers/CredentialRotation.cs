namespace AiPipe.Proxy.Providers;

/// <summary>
/// Tries keys round robin, with keys in cooldown last, and of them the one that is available first. None is skipped, so that callers cannot disable a provider by provoking rejections.
/// </summary>
internal sealed class CredentialRotation(TimeProvider time)
{
    private uint _turn;

    public IReadOnlyList<ProviderCredential> Order(Provider provider)
    {
        var all = provider.Credentials;
        if (all.Count <= 1) return all;
        var now = time.GetUtcNow();
        var first = (int)(Interlocked.Increment(ref _turn) % (uint)all.Count);
        var turned = Enumerable.Range(first, all.Count).Select(i => all[i % all.Count]);
        return turned.OrderBy(credential => credential.CoolsUntil(now) ?? DateTimeOffset.MinValue).ToList();
    }

    /// <summary>Records the outcome of a call.</summary>
    public void Note(ProviderCredential credential, KeyOutcome outcome) => credential.Record(outcome, time.GetUtcNow());
}
