namespace AiPipe.Proxy.Apis;

/// <summary>The wire formats of calls. Each has its own fields for model, limit and usage.</summary>
internal enum Api
{
    /// <summary>Free and not metered: model lists, token counts, moderations.</summary>
    Free,
    ChatCompletions,
    Completions,
    Responses,
    Embeddings,
    GeminiGenerate,
    GeminiEmbed,
}
