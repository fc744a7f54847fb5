namespace AiPipe.Proxy.Routing;

/// <summary>What came of asking a target, as far as its first byte tells: a closed set.</summary>
internal abstract record TargetOutcome
{
    private TargetOutcome() { }

    /// <summary>Its status line has arrived.</summary>
    /// <param name="Status">HTTP status.</param>
    /// <param name="RetryAfter">How long it asks to be left alone.</param>
    internal sealed record Answered(int Status, TimeSpan? RetryAfter = null) : TargetOutcome;

    /// <summary>Its time was over before.</summary>
    internal sealed record TimedOut : TargetOutcome;

    /// <summary>No connection, or one that broke before.</summary>
    internal sealed record Unreachable : TargetOutcome;

    /// <summary>The target itself is in trouble; other refusals are the request's own doing.</summary>
    public bool IsTrouble => this is not Answered { Status: not (401 or 408 or 429 or >= 500) };

    /// <summary>For people and for tags: a word of a few.</summary>
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
