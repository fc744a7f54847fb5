using AiPipe.Proxy.Journey.Metering.Scanning;

namespace AiPipe.Proxy.Journey.Metering.Answers;

/// <summary>OpenAI's legacy completions.</summary>
internal sealed class CompletionAnswer() : OpenAiAnswer(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Of([.. CompletionFields, ("choices[].text", Field.Text)]);
}
