namespace AiPipe.Proxy.Metering;

/// <summary>
/// Looks at a response's bytes as they pass and remembers what they say about usage. It never keeps the body: a few counters
/// and bounded captures are all its state, and it gives the same answer however the bytes are split.
/// It never throws on malformed input; it then simply knows less.
/// </summary>
internal interface IUsageReader
{
    /// <summary>Reads the next bytes of the response body, decompressed, in order.</summary>
    void Read(ReadOnlySpan<byte> bytes);

    /// <summary>The last report seen, normalised; <c>null</c> while none was seen.</summary>
    TokenUsage? Usage { get; }

    /// <summary>Facts about the answer for the ledger and telemetry.</summary>
    ResponseFacts Facts { get; }

    /// <summary>Output that passed so far, for streams that end without a report.</summary>
    OutputCount Output { get; }

    /// <summary>The event after which nothing more is billed has passed (<c>[DONE]</c>, <c>response.completed</c> …).</summary>
    bool SawEnd { get; }

    /// <summary>
    /// Where, in the span last given to <see cref="Read"/>, the last complete event ended (the index after its blank line);
    /// -1 when no event ended in it or the body is not a stream of events.
    /// </summary>
    int LastEventEnd { get; }
}

/// <summary>What the answer said of itself; <c>null</c> = not said.</summary>
internal readonly record struct ResponseFacts(string? Id, string? Model, string? FinishReason, string? ServiceTier);

/// <summary>Output counted as it passed.</summary>
/// <param name="Events">Events that carried a non-empty piece of output; a piece is one token or more.</param>
/// <param name="Bytes">UTF-8 bytes of those pieces (JSON escapes as they stand).</param>
internal readonly record struct OutputCount(long Events, long Bytes)
{
    /// <summary>Bytes of text per token, on average, in the languages that use the fewest tokens.</summary>
    private const int UsualBytesPerToken = 4;
    private const int MostBytesPerToken = 16;

    /// <summary>The best estimate in tokens: what an interrupted stream is charged for.</summary>
    public long LikelyTokens => Math.Max(Events, (Bytes + UsualBytesPerToken - 1) / UsualBytesPerToken);

    /// <summary>A count that the true one does not fall short of: what a stream is stopped by.</summary>
    public long TokensAtLeast => Math.Max(Events, Bytes / MostBytesPerToken);
}
