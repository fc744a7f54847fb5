using System.Collections.Concurrent;

namespace AiPipe.Proxy.Providers;

/// <summary>
/// The providers that reject requests with <c>stream_options</c>, learned from their errors by this process. Their streams are charged
/// without a usage report.
/// </summary>
internal sealed class StreamUsageSupport
{
    private readonly ConcurrentDictionary<(string Name, Uri Address), bool> _rejecting = new();

    public bool IsRejectedBy(Provider provider) => _rejecting.ContainsKey((provider.Name, provider.BaseUrl));

    public void Reject(Provider provider) => _rejecting[(provider.Name, provider.BaseUrl)] = true;
}
