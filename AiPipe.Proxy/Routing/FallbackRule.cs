using System.Collections.Frozen;
using System.Globalization;

namespace AiPipe.Proxy.Routing;

/// <summary>The outcomes that cause a fallback while another target is left.</summary>
internal sealed record FallbackRule(FrozenSet<int> Statuses, bool OnTimeout, bool OnConnection)
{
    public const string Timeout = "timeout";
    public const string Connection = "connection";

    /// <summary>Outcomes that concern the target rather than the request. 401 means that our key, or the route's, was rejected.</summary>
    public static readonly FallbackRule Usual = new([401, 408, 429, 500, 502, 503, 504], OnTimeout: true, OnConnection: true);

    public IReadOnlyList<string> Words =>
    [
        .. Statuses.Order().Select(status => status.ToString(CultureInfo.InvariantCulture)),
        .. OnTimeout ? [Timeout] : (string[])[],
        .. OnConnection ? [Connection] : (string[])[],
    ];

    public bool Covers(TargetOutcome outcome) => outcome switch
    {
        TargetOutcome.Answered answered => Statuses.Contains(answered.Status),
        TargetOutcome.TimedOut => OnTimeout,
        _ => OnConnection,
    };
}
