namespace AiPipe.Proxy.Metering.Scanning;

/// <summary>What a place in an answer means to us, whatever its provider calls it.</summary>
internal enum Field
{
    None,

    /// <summary>A string of output: counted, never kept.</summary>
    Text,
    /// <summary>An element of a JSON array that is a stream.</summary>
    Event,

    // What the answer says of itself.
    Id,
    Model,
    FinishReason,
    ServiceTier,
    Type,
    Status,
    BlockReason,
    CandidateIndex,
    /// <summary>The whole answer, repeated inside an event.</summary>
    Response,
    OutputItem,
    ItemType,
    ItemAction,

    /// <summary>The report: what is between its braces counts once it is closed.</summary>
    Usage,
    InputDetail,
    OutputDetail,
    Modality,
    ModalityTokens,
    Cost,
    UpstreamCost,
    OwnProviderKey,

    // Counts of a report: everything from here on is kept in a Report.
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
