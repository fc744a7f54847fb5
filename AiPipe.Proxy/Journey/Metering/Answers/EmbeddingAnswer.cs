using AiPipe.Proxy.Journey.Metering.Scanning;

namespace AiPipe.Proxy.Journey.Metering.Answers;

/// <summary>OpenAI embeddings: numbers are no output tokens.</summary>
internal sealed class EmbeddingAnswer() : OpenAiAnswer(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Of(CompletionFields);

    protected override TokenUsage Normalise(Report report) => base.Normalise(report) with { Output = 0 };
}
