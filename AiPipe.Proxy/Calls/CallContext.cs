using System.Diagnostics;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls.Redaction;
using AiPipe.Proxy.Calls.Telemetry.Content;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Calls;

/// <summary>The state of one call in the gateway. Each stage fills its part.</summary>
internal sealed class CallContext(HttpContext http, Provider provider, string path, DateTimeOffset startedAt)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _settling;

    /// <summary>The id of the reservation and of the ledger entry.</summary>
    public Guid Id { get; } = Guid.CreateVersion7(startedAt);
    public HttpContext Http { get; } = http;
    public Provider Provider { get; } = provider;
    /// <summary>The method sent to the provider; POST for a route.</summary>
    public string Method => Routed is null ? Http.Request.Method : HttpMethods.Post;
    /// <summary>The path in the form of the provider's dialect, decoded, with a leading slash and without the query.</summary>
    public string Path { get; } = path;
    /// <summary>The version that the caller's path names; <c>null</c> = that of the provider's address.</summary>
    public string? ApiVersion { get; init; }
    public DateTimeOffset StartedAt { get; } = startedAt;
    public RoutedCall? Routed { get; init; }
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    public CallTarget Target => new(Provider.Name, Body.Model, Price?.Family);

    public TimeSpan? CheckedAfter { get; set; }
    public TimeSpan? ReservedAfter { get; set; }
    public TimeSpan? ConnectedAfter { get; set; }
    public TimeSpan? FirstByteAfter { get; set; }
    public TimeSpan? LastByteAfter { get; set; }

    public Caller Caller { get; set; } = null!;

    public ProviderEndpoint Endpoint { get; set; } = null!;

    // Upstream, before the call is sent
    public CallBody Body { get; set; } = CallBody.None;

    public ModelRoute? Alias { get; set; }

    // Pricing; null for unmetered calls
    public PricedModel? Price { get; set; }

    /// <summary>What the call took from its rate limits; <c>null</c> = no limits.</summary>
    public CallRates? Rates { get; set; }

    // Budgets; null for unmetered calls
    public CostBound Bound { get; set; }
    public Reservation? Reservation { get; set; }
    /// <summary>The entry that goes to the ledger if this process crashes before settlement.</summary>
    public LedgerEntry? Draft { get; set; }

    // Upstream and Metering, once the call is sent
    /// <summary>True if AiPipe, not the caller, requested the usage event of the stream.</summary>
    public bool RequestsUsage { get; set; }
    /// <summary>The call's progress at the provider; decides whether it can have cost anything.</summary>
    public UpstreamProgress Progress { get; set; }
    /// <summary>The outcome of a route's target; <c>null</c> = the target was not tried, or the caller disconnected before.</summary>
    public TargetOutcome? Outcome { get; set; }
    /// <summary><c>null</c> until a metered response starts.</summary>
    public IUsageReader? UsageReader { get; set; }
    /// <summary>The checked usage report; <c>null</c> until the call is settled, and without a plausible report.</summary>
    public TokenUsage? Usage { get; set; }
    /// <summary><c>null</c> until the call is settled.</summary>
    public CallCost? Cost { get; set; }
    public Refusal? Refusal { get; set; }
    /// <summary>Why forwarding failed; set even if the response has started and no refusal can be sent.</summary>
    public Refusal? Failure { get; set; }
    /// <summary>The stream was stopped, because what was counted costs the reservation.</summary>
    public bool IsStopped { get; set; }
    /// <summary>The caller closed the connection before the response was complete.</summary>
    public bool CallerDisconnected { get; set; }
    /// <summary>The client span of the upstream call; <c>null</c> without a listener.</summary>
    public Activity? Span { get; set; }
    /// <summary>
    /// Reads the remaining response after the caller disconnected, to learn its cost; <c>null</c> = the call ends with its request.
    /// </summary>
    public Func<Task>? ReadRest { get; set; }
    /// <summary>Set for a call that outlives its request: <see cref="Http"/> must not be used then.</summary>
    public Detachment? Detached { get; set; }
    /// <summary>Hides our keys in the response; <c>null</c> before the call is sent, and for BYOK callers.</summary>
    public CallRedaction? Redaction { get; set; }
    /// <summary>Captures the response for <see cref="Span"/>; <c>null</c> unless the operator enabled it.</summary>
    public OutputCapture? Output { get; set; }

    public Timeline TimelineAt(TimeSpan elapsed) => new()
    {
        Checked = Timeline.Ms(CheckedAfter),
        Reserved = Timeline.Ms(ReservedAfter),
        Connected = Timeline.Ms(ConnectedAfter),
        FirstByte = Timeline.Ms(FirstByteAfter),
        LastByte = Timeline.Ms(LastByteAfter),
        Settled = Timeline.Ms(elapsed),
    };

    public bool IsSettled => Volatile.Read(ref _settling) != 0;

    /// <summary>Returns true once: a reservation ends exactly once.</summary>
    public bool TryBeginSettlement() => Interlocked.Exchange(ref _settling, 1) == 0;
}

/// <summary>How a call ended for its caller, whose response is still read.</summary>
internal sealed record Detachment(int Status, TimeSpan After);

internal enum UpstreamProgress
{
    /// <summary>Not sent, or the connection failed: nothing was billed.</summary>
    NotSent,
    /// <summary>Sent; whether the provider processed it is unknown.</summary>
    Sent,
    /// <summary>The provider returned an error, which it does not bill.</summary>
    Rejected,
    /// <summary>The response has a content coding that AiPipe cannot decode, so its usage cannot be read.</summary>
    Unreadable,
    Streaming,
}
