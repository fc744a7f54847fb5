using System.Collections.Frozen;
using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Pricing;

/// <summary>
/// Models that are known to bill only the output that they return. Any other model may reason: its hidden tokens are billed and
/// known only from the usage report.
/// </summary>
internal static class NonReasoningModels
{
    private static readonly FrozenSet<string> Names = new[]
    {
        // https://platform.openai.com/docs/models
        "gpt-3.5-turbo", "gpt-3.5-turbo-16k", "gpt-3.5-turbo-instruct", "gpt-4", "gpt-4-32k", "gpt-4-turbo", "gpt-4-turbo-preview",
        "gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "chatgpt-4o", "davinci-002", "babbage-002",
        // https://ai.google.dev/gemini-api/docs/models
        "gemini-1.5-flash", "gemini-1.5-flash-8b", "gemini-1.5-pro", "gemini-2.0-flash", "gemini-2.0-flash-lite",
        // Later ones can think: https://platform.claude.com/docs/en/build-with-claude/extended-thinking
        "claude-3-haiku", "claude-3-sonnet", "claude-3-opus", "claude-3-5-haiku", "claude-3-5-sonnet",
        "demo", "demo-mini",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Families of models without reasoning, in all their sizes: https://console.groq.com/docs/models.</summary>
    private static readonly string[] Families = ["llama3", "llama-3", "llama-4", "mixtral-8x", "gemma-2", "gemma-3", "gemma2", "gemma3"];

    /// <summary>Parts of names of members of these families that reason or search.</summary>
    private static readonly string[] Exceptions = ["nemotron", "sonar", "online", "reason", "think", "-r1"];

    public static bool Contains(string model)
    {
        if (Array.Exists(Exceptions, part => model.Contains(part, StringComparison.OrdinalIgnoreCase))) return false;
        var name = ModelName.Plain(model);
        return Names.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name) || StartsWithFamily(name);
    }

    private static bool StartsWithFamily(ReadOnlySpan<char> name)
    {
        foreach (var family in Families)
        {
            if (name.StartsWith(family, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }
}
