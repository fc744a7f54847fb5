namespace AiPipe.Proxy.Routing;

/// <summary>The outcome of an attempt, determined by the first byte of the response: a closed set.</summary>
internal abstract record TargetOutcome
{
    private TargetOutcome() { }

    /// <summary>The status line arrived.</summary>
    internal sealed record Answered(int Status, TimeSpan? RetryAfter = null) : TargetOutcome;

    /// <summary>The timeout expired before the status line.</summary>
    internal sealed record TimedOut : TargetOutcome;

    /// <summary>The connection failed before the status line.</summary>
    internal sealed record Unreachable : TargetOutcome;

    /// <summary>True if the target failed; the request causes all other errors.</summary>
    public bool IsTrouble => this is not Answered { Status: not (401 or 408 or 429 or >= 500) };

    public string Word => this switch
    {
        Answered { Status: >= 500 } => "5xx",
        Answered { Status: 429 } => "429",
        Answered { Status: >= 400 } => "4xx",
        Answered => "answered",
        TimedOut => FallbackRule.Timeout,
        _ => FallbackRule.Connection,
    };
}
