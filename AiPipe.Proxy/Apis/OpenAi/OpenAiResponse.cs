using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.OpenAi;

internal abstract class OpenAiResponse(JsonPaths paths) : ApiResponse(paths)
{
    protected static readonly (string Path, Field Field)[] CompletionFields =
    [
        .. UsagePlaces.In(),
        .. JsonPaths.Under(UsagePlaces.Envelopes,
            ("id", Field.Id),
            ("model", Field.Model),
            ("service_tier", Field.ServiceTier),
            ("choices[].finish_reason", Field.FinishReason)),
    ];
}
