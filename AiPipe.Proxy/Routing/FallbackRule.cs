using System.Collections.Frozen;
using System.Globalization;

namespace AiPipe.Proxy.Routing;

/// <summary>Of which outcomes the caller learns nothing while there is another target to ask.</summary>
internal sealed record FallbackRule(FrozenSet<int> Statuses, bool OnTimeout, bool OnConnection)
{
    public const string Timeout = "timeout";
    public const string Connection = "connection";

    /// <summary>What says more of the target than of the request. 401 is our key, or the route's.</summary>
    public static readonly FallbackRule Usual = new([401, 408, 429, 500, 502, 503, 504], OnTimeout: true, OnConnection: true);

    /// <summary>As it is written.</summary>
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
