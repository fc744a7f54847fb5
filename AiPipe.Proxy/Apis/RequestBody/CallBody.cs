namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>The fields of a request body that affect its cost, read in one pass over the buffer that is also sent.</summary>
internal sealed record CallBody
{
    public static readonly CallBody None = new();

    /// <summary>The bytes as received; empty if the body is not parsed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    public string Model { get; init; } = "";

    public bool Streams { get; init; }

    public long? OutputLimit { get; init; }

    /// <summary>The number of choices (<c>n</c>, <c>best_of</c>, <c>candidateCount</c>).</summary>
    public long Answers { get; init; } = 1;

    /// <summary>
    /// An upper bound of the input tokens: a token has at least one byte of text; images and audio have bounds of their own. <c>null</c> if
    /// the request refers to input stored elsewhere (an earlier response, a stored prompt), which only the model's context bounds.
    /// </summary>
    public long? InputTokensAtMost { get; init; }

    /// <summary>An estimate of the input tokens; the charge if no usage is reported.</summary>
    public long InputTokensLikely { get; init; }

    public bool HasAudio { get; init; }
    public bool HasImages { get; init; }
    public int WebSearchesAtMost { get; init; }
    public BodyLayout? Layout { get; init; }

    /// <summary>The requested tier: <c>flex</c>, <c>priority</c> …; <c>null</c> = not stated.</summary>
    public string? ServiceTier { get; init; }
}
