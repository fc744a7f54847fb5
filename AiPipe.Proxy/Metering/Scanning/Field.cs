namespace AiPipe.Proxy.Metering.Scanning;

internal enum Field
{
    None,

    /// <summary>Output; counted, never stored.</summary>
    Text,
    Event,

    Id,
    Model,
    FinishReason,
    ServiceTier,
    Type,
    Status,
    BlockReason,
    CandidateIndex,
    /// <summary>The whole response, repeated inside an event.</summary>
    Response,
    OutputItem,
    ItemType,
    ItemAction,

    /// <summary>A usage report; its counts apply once its object is closed.</summary>
    Usage,
    InputDetail,
    OutputDetail,
    Modality,
    ModalityTokens,
    Cost,
    UpstreamCost,
    OwnProviderKey,

    // Counts of a report, stored in a Report from here on.
    Input,
    ToolInput,
    CacheRead,
    CacheHit,
    CacheWrite,
    InputAudio,
    InputImage,
    Output,
    Reasoning,
    OutputAudio,
    OutputImage,
    WebSearches,
    Total,
}
