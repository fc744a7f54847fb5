using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.Gemini;

/// <summary>Gemini's embeddings; some have no usage report.</summary>
internal sealed class GeminiEmbedResponse() : ApiResponse(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Create(
        [.. UsagePlaces.In(), .. JsonPaths.Under(UsagePlaces.Envelopes, ("modelVersion", Field.Model))]);

    protected override TokenUsage Normalise(TokenUsage usage) => usage with { Output = 0 };
}
