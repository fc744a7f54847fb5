using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.Responses;

/// <summary>OpenAI's legacy completions.</summary>
internal sealed class CompletionsResponse() : OpenAiResponse(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Create([.. CompletionFields, ("choices[].text", Field.Text)]);
}
