using AiPipe.Proxy.Journey.Authentication;
using AiPipe.Proxy.Journey.Backends;
using AiPipe.Proxy.Journey.Budgets;
using AiPipe.Proxy.Journey.Forwarding;
using AiPipe.Proxy.Journey.Metering;
using AiPipe.Proxy.Journey.Pricing;

namespace AiPipe.Proxy.Journey;

/// <summary>One call on its way through the gateway: what is known of it so far. Each stage fills in its part.</summary>
internal sealed class GatewayCall(HttpContext http, string providerName, string path, DateTimeOffset startedAt)
{
    /// <summary>The reservation's and the ledger entry's id.</summary>
    public Guid Id { get; } = Guid.CreateVersion7(startedAt);
    public HttpContext Http { get; } = http;
    /// <summary>The first segment of the path, as the caller wrote it.</summary>
    public string ProviderName { get; } = providerName;
    /// <summary>The rest of the path, decoded, with its leading slash and without the query.</summary>
    public string Path { get; } = path;
    public DateTimeOffset StartedAt { get; } = startedAt;

    // Authentication
    public Caller Caller { get; set; } = null!;

    // Backends
    public Provider Provider { get; set; } = null!;
    public ProviderEndpoint Endpoint { get; set; } = null!;

    // Forwarding, before
    public CallBody Body { get; set; } = CallBody.None;

    // Pricing; null for calls that are not metered
    public PricedModel? Price { get; set; }

    // Budgets; null for calls that are not metered
    public Reservation? Reservation { get; set; }

    // Forwarding and metering, after
    /// <summary>Reads the answer as it passes; <c>null</c> until a metered answer has begun.</summary>
    public IUsageReader? UsageReader { get; set; }
    /// <summary>True once the provider accepted the call: from here on it may have billed us.</summary>
    public bool ReachedProvider { get; set; }
    public TimeSpan? FirstByteAfter { get; set; }
}
