using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.Embeddings;

internal sealed class EmbeddingsResponse() : OpenAiResponse(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Create(CompletionFields);

    protected override TokenUsage Normalise(TokenUsage usage) => usage with { Output = 0 };
}
