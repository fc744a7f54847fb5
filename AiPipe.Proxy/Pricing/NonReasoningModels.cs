using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Pricing;

/// <summary>
/// Models that are known to bill only the output that they return. Any other model may think: its hidden output is billed, too, and is
/// known only from the usage report.
/// </summary>
internal static class NonReasoningModels
{
    private static readonly ModelName[] All = [.. new[]
    {
        // https://platform.openai.com/docs/models
        "gpt-3.5-turbo", "gpt-3.5-turbo-16k", "gpt-3.5-turbo-instruct", "gpt-4", "gpt-4-32k", "gpt-4-turbo", "gpt-4-turbo-preview",
        "gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "chatgpt-4o", "davinci-002", "babbage-002",
        "text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002",
        // https://ai.google.dev/gemini-api/docs/models
        "gemini-1.5-flash", "gemini-1.5-flash-8b", "gemini-1.5-pro", "gemini-2.0-flash", "gemini-2.0-flash-lite", "gemini-embedding-001",
        "text-embedding-004", "gemma-2*", "gemma-3*",
        // https://console.groq.com/docs/models
        "llama-3.1-8b-instant", "llama-3.3-70b-versatile", "llama3*", "llama-3*", "llama-4*", "mixtral-8x7b*",
        "demo", "demo-*",
    }.Select(static name => new ModelName(name))];

    public static bool Contains(ReadOnlySpan<char> model, string? family)
    {
        foreach (var name in All)
        {
            if (name.Covers(model, family)) return true;
        }
        return false;
    }
}
