using System.Text.RegularExpressions;

namespace AiPipe.Proxy.Pricing;

/// <summary>Limits of models that the table of limits omits, by the beginning of their names.</summary>
internal static partial class ModelLimits
{
    /// <summary>https://platform.openai.com/docs/models; the first that fits.</summary>
    private static readonly (string Start, ModelLimit Limit)[] OpenAi =
    [
        ("gpt-4o-audio", new(128_000, 16_384)),
        ("gpt-4o-mini-audio", new(128_000, 16_384)),
        ("gpt-4o-search", new(128_000, 16_384)),
        ("gpt-4o-mini-search", new(128_000, 16_384)),
        ("gpt-audio", new(128_000, 16_384)),
        ("gpt-5-search", new(400_000, 128_000)),
        ("gpt-5-chat", new(128_000, 16_384)),
        ("chatgpt-4o", new(128_000, 16_384)),
        ("gpt-4.5", new(128_000, 16_384)),
        ("gpt-4-32k", new(32_768, 8_192)),
        ("gpt-4-0125", new(128_000, 4_096)),
        ("gpt-4-1106", new(128_000, 4_096)),
        ("gpt-4-turbo", new(128_000, 4_096)),
        ("gpt-4-vision", new(128_000, 4_096)),
        ("gpt-3.5-turbo-instruct", new(4_096, 4_096)),
        ("gpt-3.5", new(16_385, 4_096)),
        ("o1-mini", new(128_000, 65_536)),
        ("o1-preview", new(128_000, 32_768)),
        ("codex-mini", new(200_000, 100_000)),
        ("computer-use-preview", new(8_192, 1_024)),
        ("davinci-002", new(16_384, 16_384)),
        ("babbage-002", new(16_384, 16_384)),
    ];

    /// <summary>https://ai.google.dev/gemini-api/docs/models</summary>
    private static readonly (string Start, ModelLimit Limit)[] Gemini =
    [
        ("gemini-1.5-pro", new(2_097_152, 8_192)),
        ("gemini-1.5", new(1_048_576, 8_192)),
        ("gemini-2.0", new(1_048_576, 8_192)),
    ];

    public static ModelLimit? Find(string provider, string model)
    {
        var rules = provider == "openai" ? OpenAi : provider == "gemini" ? Gemini : [];
        foreach (var (start, limit) in rules)
        {
            if (model.StartsWith(start, StringComparison.Ordinal)) return limit;
        }
        return null;
    }

    /// <summary>The base of a fine-tuned model (<c>ft:gpt-4o:school::id</c>), or the name without its date; <c>null</c> = none.</summary>
    public static string? BaseOf(string model)
    {
        if (model.StartsWith("ft:", StringComparison.Ordinal))
        {
            var end = model.IndexOf(':', "ft:".Length);
            return end < 0 ? model[3..] : model[3..end];
        }
        return Date().Match(model) is { Success: true, Index: > 0 and var at } ? model[..at] : null;
    }

    [GeneratedRegex(@"-(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4})\z", RegexOptions.CultureInvariant, 100)]
    private static partial Regex Date();
}
