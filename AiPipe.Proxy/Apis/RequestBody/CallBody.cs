using AiPipe.Proxy.Apis.RequestBody.Media;

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
    /// An upper bound of the input tokens for any model: a token has at least one byte of text; <see cref="Media"/> has bounds of its own.
    /// <c>null</c> if the request refers to input stored elsewhere (an earlier response, a stored prompt), which only the model's context
    /// bounds.
    /// </summary>
    public long? InputTokensAtMost { get; init; }

    /// <summary>An upper bound of the tokens of the text in the request; <c>null</c> if there is input that has no bound.</summary>
    public long? TextTokensAtMost { get; init; }

    /// <summary>The images, documents and sounds in the request.</summary>
    public IReadOnlyList<MediaPart> Media { get; init; } = [];

    /// <summary>The earlier response that this one continues; <c>null</c> = none.</summary>
    public string? PreviousResponse { get; init; }

    /// <summary>An upper bound of the tokens of <see cref="PreviousResponse"/> and all before it; <c>null</c> = unknown.</summary>
    public long? PreviousTokensAtMost { get; init; }

    /// <summary>
    /// An upper bound of the tokens of a predicted output: those that the model does not use are billed as output
    /// (https://platform.openai.com/docs/guides/predicted-outputs).
    /// </summary>
    public long PredictedTokensAtMost { get; init; }

    /// <summary>The tokens that the request asks the model to think with, a part of its output; 0 = not stated.</summary>
    public long ThinkingTokens => Layout?.Thinking.Select(static thinking => thinking.Tokens).DefaultIfEmpty().Max() ?? 0;

    /// <summary>An upper bound of the input tokens for one model.</summary>
    /// <param name="model">Its name at the provider.</param>
    /// <param name="context">The tokens that the model accepts: it rejects more images and sounds. <c>null</c> = unknown.</param>
    /// <returns><c>null</c> = unbounded. Search results are not included.</returns>
    public long? InputTokensAtMostFor(string model, long? context)
    {
        if (TextTokensAtMost is not { } text) return InputTokensAtMost;
        if (PreviousResponse is not null && PreviousTokensAtMost is null) return null;
        return text + (PreviousTokensAtMost ?? 0)
            + Math.Min(Media.Sum(part => MediaTokens.AtMost(part, model)), context ?? long.MaxValue / 2);
    }

    /// <summary>An estimate of the input tokens; the charge if no usage is reported.</summary>
    public long InputTokensLikely { get; init; }

    public bool HasAudio { get; init; }
    public bool HasImages { get; init; }
    public int WebSearchesAtMost { get; init; }
    public BodyLayout? Layout { get; init; }

    /// <summary>The pieces that are billed if the model has no price per token; <c>null</c> for APIs that bill only tokens.</summary>
    public RequestedUnits? Units { get; init; }

    /// <summary>An upper bound of all output tokens, which no field can lower: images, sound; <c>null</c> = there is none.</summary>
    public long? OutputTokensAtMost { get; init; }

    /// <summary>The same request with fewer web searches; <c>null</c> if it has one at most.</summary>
    public CallBody? WithFewerSearches() => WebSearchesAtMost switch
    {
        <= 1 => null,
        > CallBodyScanner.MaxWebSearches => this with { WebSearchesAtMost = CallBodyScanner.MaxWebSearches },
        _ => this with { WebSearchesAtMost = 1 },
    };

    /// <summary>The requested tier: <c>flex</c>, <c>priority</c> …; <c>null</c> = not stated.</summary>
    public string? ServiceTier { get; init; }
}
