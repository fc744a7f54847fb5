using AiPipe.Proxy.Journey.Backends;
using AiPipe.Proxy.Journey.Metering.Answers;

namespace AiPipe.Proxy.Journey.Metering;

/// <summary>Chooses the reader of an answer.</summary>
internal static class UsageReaders
{
    internal const string EventStream = "text/event-stream";
    internal const string Json = "application/json";

    /// <summary>A reader for one answer.</summary>
    /// <param name="api">How the endpoint speaks; never <see cref="Api.Free"/>.</param>
    /// <param name="mediaType">The answer's content type, with or without parameters; what is not a stream of events is read as JSON.</param>
    internal static IUsageReader For(Api api, string? mediaType)
    {
        Answer answer = api switch
        {
            Api.ChatCompletions => new ChatAnswer(),
            Api.Completions => new CompletionAnswer(),
            Api.Responses => new ResponsesAnswer(),
            Api.Embeddings => new EmbeddingAnswer(),
            Api.GeminiGenerate => new GeminiAnswer(),
            Api.GeminiEmbed => new GeminiEmbeddingAnswer(),
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
