using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Apis.Responses;

internal static class UsageReaders
{
    internal const string EventStream = "text/event-stream";
    internal const string Json = "application/json";

    /// <param name="mediaType">The content type, with or without parameters; anything but an event stream is read as JSON.</param>
    internal static IUsageReader For(Api api, string? mediaType)
    {
        ApiResponse answer = api switch
        {
            Api.ChatCompletions => new ChatCompletionsResponse(),
            Api.Completions => new CompletionsResponse(),
            Api.Responses => new ResponsesResponse(),
            Api.Embeddings => new EmbeddingsResponse(),
            Api.GeminiGenerate => new GeminiGenerateResponse(),
            Api.GeminiEmbed => new GeminiEmbedResponse(),
            _ => throw new ArgumentOutOfRangeException(nameof(api), api, "Only metered APIs have a usage reader."),
        };
        return IsEventStream(mediaType) ? new SseUsageReader(answer) : new JsonUsageReader(answer);
    }

    internal static bool IsEventStream(string? mediaType)
    {
        var type = mediaType.AsSpan();
        var parameters = type.IndexOf(';');
        return (parameters < 0 ? type : type[..parameters]).Trim().Equals(EventStream, StringComparison.OrdinalIgnoreCase);
    }
}
