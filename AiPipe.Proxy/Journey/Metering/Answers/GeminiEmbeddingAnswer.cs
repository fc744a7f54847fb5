using AiPipe.Proxy.Journey.Metering.Scanning;

namespace AiPipe.Proxy.Journey.Metering.Answers;

/// <summary>Gemini's embeddings, which may come without a report.</summary>
internal sealed class GeminiEmbeddingAnswer() : Answer(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Of(
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
