using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Routing.Models;

internal static class Modalities
{
    /// <summary>
    /// Models that read images at the price of text, which price lists do not show (https://platform.openai.com/docs/models,
    /// https://ai.google.dev/gemini-api/docs/models).
    /// </summary>
    private static readonly string[] ReadPictures =
        ["chatgpt-4o", "gemini-1.5", "gemini-2", "gemini-3", "gpt-4-turbo", "gpt-4.1", "gpt-4.5", "gpt-4o", "gpt-5", "o1", "o3", "o4-mini"];

    /// <summary>Exceptions, which read text only: <c>gpt-4o-audio-preview</c>, <c>o1-mini</c>.</summary>
    private static readonly string[] ReadText = ["audio", "realtime", "search", "transcribe", "tts", "o1-mini", "o1-preview", "o3-mini"];

    public static IReadOnlyList<string> In(string model, Price price)
    {
        var taken = new List<string> { "text" };
        if (!IsEmbedding(model) && (price.ImageInput is not null || ReadsPictures(model))) taken.Add("image");
        if (price.AudioInput is not null) taken.Add("audio");
        return taken;
    }

    public static IReadOnlyList<string> Out(string model, Price price)
    {
        if (IsEmbedding(model)) return ["embedding"];
        var given = new List<string> { "text" };
        if (price.ImageOutput is not null) given.Add("image");
        if (price.AudioOutput is not null) given.Add("audio");
        return given;
    }

    private static bool IsEmbedding(string model) => model.Contains("embed", StringComparison.OrdinalIgnoreCase);

    private static bool ReadsPictures(string model)
    {
        var name = model[(model.LastIndexOf('/') + 1)..];
        return Array.Exists(ReadPictures, start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            && !Array.Exists(ReadText, part => name.Contains(part, StringComparison.OrdinalIgnoreCase));
    }
}
