using System.Diagnostics;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.Requests;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls.Telemetry.Content;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Calls;

/// <summary>One call on its way through the gateway: what is known of it so far. Each stage fills in its part.</summary>
internal sealed class CallContext(HttpContext http, Provider provider, string path, DateTimeOffset startedAt)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _settling;

    /// <summary>The reservation's and the ledger entry's id.</summary>
    public Guid Id { get; } = Guid.CreateVersion7(startedAt);
    public HttpContext Http { get; } = http;
    public Provider Provider { get; } = provider;
    /// <summary>What the provider is sent: a route asks its model, whatever it was called by.</summary>
    public string Method => Routed is null ? Http.Request.Method : HttpMethods.Post;
    /// <summary>The path below the provider's name, decoded, with its leading slash and without the query.</summary>
    public string Path { get; } = path;
    public DateTimeOffset StartedAt { get; } = startedAt;
    /// <summary>What a route has decided for it; <c>null</c> = the caller decides.</summary>
    public RoutedCall? Routed { get; init; }
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>What limits on models and providers are matched against.</summary>
    public CallTarget Target => new(Provider.Name, Body.Model, Price?.Family);

    // When it passed its stages, each in the order of the journey (Timeline)
    public TimeSpan? CheckedAfter { get; set; }
    public TimeSpan? ReservedAfter { get; set; }
    public TimeSpan? ConnectedAfter { get; set; }
    public TimeSpan? FirstByteAfter { get; set; }
    public TimeSpan? LastByteAfter { get; set; }

    // Authentication
    public Caller Caller { get; set; } = null!;

    // Backends
    public ProviderEndpoint Endpoint { get; set; } = null!;

    // Forwarding, before the call leaves
    public CallBody Body { get; set; } = CallBody.None;

    /// <summary>What the model's name stands for, where it is an alias: then other calls go on in this one's place.</summary>
    public ModelRoute? Alias { get; set; }

    // Pricing; null for calls that are not metered
    public PricedModel? Price { get; set; }

    /// <summary>What it took of its rate limits; <c>null</c> when it has none.</summary>
    public CallRates? Rates { get; set; }

    // Budgets; none of these for calls that are not metered
    /// <summary>The most that the call can cost.</summary>
    public CostBound Bound { get; set; }
    public Reservation? Reservation { get; set; }
    /// <summary>The entry that stands in the ledger if this process dies before it can write a better one.</summary>
    public LedgerEntry? Draft { get; set; }

    // Forwarding and metering, once it left
    /// <summary>How far the call got at the provider: what decides whether it can have cost anything.</summary>
    public UpstreamProgress Progress { get; set; }
    /// <summary>What came of asking a route's target; <c>null</c> = it was not asked, or the caller left before.</summary>
    public TargetOutcome? Outcome { get; set; }
    /// <summary>Reads the answer as it passes; <c>null</c> until a metered answer has begun.</summary>
    public IUsageReader? UsageReader { get; set; }
    /// <summary>What it cost; <c>null</c> until it is settled.</summary>
    public CallCost? Cost { get; set; }
    /// <summary>What the caller is told instead of the provider's answer.</summary>
    public Refusal? Refusal { get; set; }
    /// <summary>Why forwarding failed; also where the response had begun, so that the caller cannot be told.</summary>
    public Refusal? Failure { get; set; }
    /// <summary>The caller closed the connection before the response was complete.</summary>
    public bool CallerDisconnected { get; set; }
    /// <summary>The client span of the upstream call; <c>null</c> where nothing listens.</summary>
    public Activity? Span { get; set; }
    /// <summary>Captures the response for <see cref="Span"/>; <c>null</c> unless the operator turned that on.</summary>
    public OutputCapture? Output { get; set; }

    /// <summary>When the call passed its stages.</summary>
    /// <param name="elapsed">Time since its arrival.</param>
    public Timeline TimelineAt(TimeSpan elapsed) => new()
    {
        Checked = Timeline.Ms(CheckedAfter),
        Reserved = Timeline.Ms(ReservedAfter),
        Connected = Timeline.Ms(ConnectedAfter),
        FirstByte = Timeline.Ms(FirstByteAfter),
        LastByte = Timeline.Ms(LastByteAfter),
        Settled = Timeline.Ms(elapsed),
    };

    /// <summary>True for the first one who asks: a reservation ends exactly once.</summary>
    public bool TryBeginSettlement() => Interlocked.Exchange(ref _settling, 1) == 0;
}

/// <summary>How far a call got at the provider.</summary>
internal enum UpstreamProgress
{
    /// <summary>It has not left, or no connection could be made: nothing was billed.</summary>
    NotSent,
    /// <summary>It left; whether the provider worked on it is not known.</summary>
    Sent,
    /// <summary>The provider answered with an error: it bills nothing for those.</summary>
    Rejected,
    /// <summary>The provider accepted it and its answer has begun.</summary>
    Streaming,
}
