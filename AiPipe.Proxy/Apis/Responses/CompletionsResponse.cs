using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.Responses;

internal sealed class CompletionsResponse() : OpenAiResponse(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Create([.. CompletionFields, ("choices[].text", Field.Text)]);
}
