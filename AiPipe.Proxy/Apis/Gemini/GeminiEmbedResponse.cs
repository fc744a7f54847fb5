using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.Gemini;

/// <summary>Gemini's embeddings; some have no usage report.</summary>
internal sealed class GeminiEmbedResponse() : ApiResponse(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Create(
        ("modelVersion", Field.Model),
        ("usageMetadata", Field.Usage),
        ("usageMetadata.promptTokenCount", Field.Input),
        ("usageMetadata.totalTokenCount", Field.Total));

    protected override TokenUsage Normalise(Report report) => new()
    {
        Input = report[Field.Input] ?? report[Field.Total],
        Output = 0,
    };
}
