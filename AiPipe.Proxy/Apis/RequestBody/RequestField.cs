namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>What a field of a request means for its cost.</summary>
[Flags]
internal enum RequestField
{
    Other = 0,
    Model = 1 << 0,
    Stream = 1 << 1,
    StreamOptions = 1 << 2,
    MaxTokens = 1 << 3,
    MaxCompletionTokens = 1 << 4,
    MaxOutputTokens = 1 << 5,
    N = 1 << 6,
    BestOf = 1 << 7,
    ServiceTier = 1 << 8,
    Input = 1 << 9,
    Tools = 1 << 10,
    GenerationConfig = 1 << 11,
    Modalities = 1 << 12,
    WebSearchOptions = 1 << 13,
    MaxToolCalls = 1 << 14,
    /// <summary>Refers to input stored at the provider; may appear in several fields.</summary>
    InputElsewhere = 1 << 15,
    /// <summary>Requests something whose cost is not metered.</summary>
    Unmetered = 1 << 16,
    PreviousResponse = 1 << 17,
    Prediction = 1 << 18,
    /// <summary>An object with a limit of the tokens to think with.</summary>
    Thinking = 1 << 19,
    /// <summary>Input of its own beside <see cref="Input"/>.</summary>
    Instructions = 1 << 21,
    /// <summary>OpenRouter's preferences among providers.</summary>
    ProviderPreferences = 1 << 20,
    /// <summary>Decides how many pieces are billed, or their price: size, quality, a text to speak. Kept in the layout.</summary>
    UnitDetail = 1 << 24,
    /// <summary>Edits of the input that the provider makes before it is read.</summary>
    ContextManagement = 1 << 25,
}
