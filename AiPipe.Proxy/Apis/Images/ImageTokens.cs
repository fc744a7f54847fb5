namespace AiPipe.Proxy.Apis.Images;

/// <summary>
/// The most tokens of an image, by its quality and size: https://platform.openai.com/docs/guides/image-generation#cost-and-latency.
/// </summary>
internal static class ImageTokens
{
    private const long PerPartialImage = 100;

    /// <summary>For models and sizes without a published number: eight times the largest published one.</summary>
    private const long Unknown = 1 << 16;

    /// <summary>Text that later models write before an image.</summary>
    private const long Text = 2_048;

    /// <param name="model">Its name at the provider.</param>
    public static long AtMost(string model, string quality, string size, int partialImages)
    {
        var isFirst = model is "gpt-image-1" or "gpt-image-1-mini";
        var isKnown = isFirst || model == "chatgpt-image-latest" || model.StartsWith("gpt-image-1.5", StringComparison.Ordinal);
        var tokens = isKnown && (size is "default" or "auto" or "1024x1024" or "1024x1536" or "1536x1024")
            ? Known(quality) : Unknown;
        return tokens + (isFirst ? 0 : Text) + partialImages * PerPartialImage;
    }

    /// <summary>Of the largest size, which <c>auto</c> may choose.</summary>
    private static long Known(string quality) => quality switch
    {
        "low" => 408,
        "medium" => 1_584,
        _ => 6_240,
    };
}
