using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.Completions;

internal sealed class CompletionsResponse() : OpenAiResponse(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Create(
        [.. CompletionFields, .. JsonPaths.Under(UsagePlaces.Envelopes, ("choices[].text", Field.Text))]);
}
