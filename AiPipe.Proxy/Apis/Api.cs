namespace AiPipe.Proxy.Apis;

/// <summary>The wire formats that a call can have: each has its own way to say model, limit and usage.</summary>
internal enum Api
{
    /// <summary>Costs nothing and is not metered: lists of models, counting of tokens, moderations.</summary>
    Free,
    /// <summary>OpenAI <c>chat/completions</c>.</summary>
    ChatCompletions,
    /// <summary>OpenAI's legacy <c>completions</c>.</summary>
    Completions,
    /// <summary>OpenAI <c>responses</c>.</summary>
    Responses,
    /// <summary>OpenAI <c>embeddings</c>.</summary>
    Embeddings,
    /// <summary>Gemini <c>:generateContent</c> and <c>:streamGenerateContent</c>.</summary>
    GeminiGenerate,
    /// <summary>Gemini <c>:embedContent</c> and <c>:batchEmbedContents</c>.</summary>
    GeminiEmbed,
}
