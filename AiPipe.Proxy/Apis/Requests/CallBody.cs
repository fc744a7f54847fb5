namespace AiPipe.Proxy.Apis.Requests;

/// <summary>What a request asks for: read in one scan of its one buffer, which is also what is sent.</summary>
internal sealed record CallBody
{
    public static readonly CallBody None = new();

    /// <summary>The request's bytes as the caller sent them; empty for calls whose body is not looked at.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The model, from the body or the path.</summary>
    public string Model { get; init; } = "";

    /// <summary>The caller wants the answer as a stream of events.</summary>
    public bool Streams { get; init; }

    /// <summary>The output limit that the request states, in tokens per answer.</summary>
    public long? OutputLimit { get; init; }

    /// <summary>How many answers are asked for (<c>n</c>, <c>best_of</c>, <c>candidateCount</c>).</summary>
    public long Answers { get; init; } = 1;

    /// <summary>
    /// More input tokens than the request can have: a token has at least one byte, so the text's bytes bound it from above;
    /// pictures and sounds add bounds of their own. <c>null</c> when the request refers to input that is not in it
    /// (an earlier response, a stored prompt): then only the model's context bounds it.
    /// </summary>
    public long? InputTokensAtMost { get; init; }

    /// <summary>The best guess at the input's tokens: what a call is charged for when nobody reports its usage.</summary>
    public long InputTokensLikely { get; init; }

    /// <summary>The request has sound in it, or asks for it.</summary>
    public bool HasAudio { get; init; }
    /// <summary>The request has pictures in it.</summary>
    public bool HasImages { get; init; }
    /// <summary>Searches that the provider may run for it.</summary>
    public int WebSearchesAtMost { get; init; }
    /// <summary>Where its bytes may have to be changed; <c>null</c> when it was not read.</summary>
    public BodyLayout? Layout { get; init; }

    /// <summary>The service tier asked for, as written: <c>flex</c>, <c>priority</c> …; <c>null</c> = not said.</summary>
    public string? ServiceTier { get; init; }
}
