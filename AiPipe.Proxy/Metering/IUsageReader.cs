namespace AiPipe.Proxy.Metering;

/// <summary>
/// Reads usage from a response's bytes as they pass, without buffering the body. The result does not depend on how the bytes are split.
/// Malformed input never throws; it only yields less information.
/// </summary>
internal interface IUsageReader
{
    void Read(ReadOnlySpan<byte> bytes);

    /// <summary>The last report, normalised; <c>null</c> if there was none.</summary>
    TokenUsage? Usage { get; }

    ResponseFacts Facts { get; }

    OutputCount Output { get; }

    /// <summary>True if the response is an error, or has one among its events. Providers send some with a status of success.</summary>
    bool SawError { get; }

    /// <summary>True after the event that ends the response (<c>[DONE]</c>, <c>response.completed</c> …).</summary>
    bool SawEnd { get; }

    /// <summary>The index after the last complete event in the span last passed to <see cref="Read"/>; -1 if there is none.</summary>
    int LastEventEnd { get; }
}

/// <summary><c>null</c> = not reported.</summary>
internal readonly record struct ResponseFacts(string? Id, string? Model, string? FinishReason, string? ServiceTier)
{
    /// <summary>Where a stream is; <c>null</c> if it has not begun, has ended, or needs no such place.</summary>
    public StreamPosition? Position { get; init; }
}

/// <param name="OpenBlock">The index of the part that has begun and not ended.</param>
/// <param name="OutputTokens">Counted so far.</param>
internal readonly record struct StreamPosition(int? OpenBlock, long OutputTokens);

/// <param name="Bytes">UTF-8 bytes of the output, with JSON escapes unexpanded.</param>
/// <param name="TextTokens">The <see cref="TokenEstimate"/> of the output.</param>
internal readonly record struct OutputCount(long Events, long Bytes, long TextTokens)
{
    private const int MostBytesPerToken = 16;
    /// <summary>The longest token in wide use has 128 characters (spaces), and the JSON escape of a character up to 12 bytes.</summary>
    private const int LongestToken = 128 * 12;

    /// <summary>An estimate in tokens; the charge for an interrupted stream.</summary>
    public long LikelyTokens => Math.Max(Events, TextTokens);

    /// <summary>A report of fewer tokens cannot be true, whatever the text: zero for any text.</summary>
    public bool Exceeds(long tokens) => tokens == 0 ? Events > 0 : Bytes / LongestToken > tokens;

    /// <summary>A lower bound in tokens; decides when a stream is stopped.</summary>
    public long TokensAtLeast => Math.Max(Events, Bytes / MostBytesPerToken);
}
