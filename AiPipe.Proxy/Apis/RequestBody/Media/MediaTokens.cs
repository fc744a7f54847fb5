namespace AiPipe.Proxy.Apis.RequestBody.Media;

/// <summary>The most input tokens that a provider counts for an image, a document or a sound, by the rules that it publishes.</summary>
internal static class MediaTokens
{
    /// <summary>
    /// Tokens per second of a model whose rule is not known: more than Gemini's 32 (https://ai.google.dev/gemini-api/docs/audio) and
    /// Qwen's 25.
    /// </summary>
    private const int SoundOfAny = 40;

    /// <summary>Tokens for the bounds of a sound, and for the last part of a second.</summary>
    private const int SoundFraming = 40;

    private const long MostTokens = 1L << 40;

    /// <param name="model">Its name at the provider; with an unknown name, the result is the most of all models.</param>
    public static long AtMost(MediaPart part, string model) => part.Kind switch
    {
        MediaKind.Picture => PictureRule.For(model).AtMost(part.Size, part.IsLowDetail),
        MediaKind.Document => Document(part, model),
        _ => (long)Math.Min(Math.Ceiling(part.Seconds * SoundRate(model)) + SoundFraming, MostTokens),
    };

    /// <summary>
    /// OpenAI reads each page as an image and as text (https://platform.openai.com/docs/guides/pdf-files). Gemini counts a page as an
    /// image, and does not bill its text (https://ai.google.dev/gemini-api/docs/document-processing).
    /// </summary>
    private static long Document(MediaPart part, string model)
    {
        var rule = PictureRule.For(model);
        var pages = Math.Min(part.Pages * rule.PerPage, MostTokens);
        return rule.BillsTextOfPages ? Math.Min(pages + part.TextTokens, MostTokens) : pages;
    }

    /// <summary>
    /// OpenAI: one token for 100 milliseconds (https://platform.openai.com/docs/guides/realtime-costs). Gemini: 32 a second.
    /// </summary>
    private static int SoundRate(string model)
    {
        var name = PictureRule.Plain(model);
        if (name.StartsWith("gpt-", StringComparison.OrdinalIgnoreCase)) return 10;
        return name.StartsWith("gemini-", StringComparison.OrdinalIgnoreCase) ? 32 : SoundOfAny;
    }
}
