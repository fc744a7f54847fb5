namespace AiPipe.Proxy.Metering.Scanning;

internal enum Field
{
    None,

    /// <summary>Output; counted, never stored.</summary>
    Text,
    /// <summary>Output that is no text: an image, audio.</summary>
    Media,
    Error,
    Event,

    Id,
    Model,
    FinishReason,
    ServiceTier,
    Type,
    Status,
    /// <summary>The whole response, repeated inside an event.</summary>
    Response,
    OutputItem,
    ItemType,
    ItemAction,
    /// <summary>Of a part of the response in a stream.</summary>
    Index,

    /// <summary>A usage report; its counts apply once its object is closed.</summary>
    Usage,
    /// <summary>The tokens of one modality.</summary>
    InputDetail,
    OutputDetail,
    Modality,
    ModalityTokens,
    Cost,
    UpstreamCost,
    OwnProviderKey,

    // Counts of a report, stored in a Report from here on. First those of the input, then those of the output.
    Input,
    /// <summary>In Anthropic's reports, without the cached tokens.</summary>
    InputTokens,
    ToolInput,
    CacheRead,
    CacheHit,
    /// <summary>Not part of <see cref="InputTokens"/>.</summary>
    CacheReadBeside,
    CacheWrite,
    /// <summary>Not part of <see cref="InputTokens"/>.</summary>
    CacheWriteBeside,
    CacheWrite1h,
    InputAudio,
    InputImage,
    Output,
    /// <summary>Gemini's output, without <see cref="Thoughts"/>.</summary>
    Candidates,
    Thoughts,
    Reasoning,
    OutputAudio,
    OutputImage,
    WebSearches,
    Total,
}
