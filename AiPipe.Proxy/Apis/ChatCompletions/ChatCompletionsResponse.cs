using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.ChatCompletions;

/// <summary>The last report that is not <c>null</c> applies; <c>[DONE]</c> ends a stream.</summary>
internal sealed class ChatCompletionsResponse() : OpenAiResponse(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Create(
    [
        .. CompletionFields,
        .. JsonPaths.Under(
            UsagePlaces.Envelopes.SelectMany(static envelope => (string[])[envelope + "choices[].delta.", envelope + "choices[].message."]),
            ("content", Field.Text),
            ("content[].text", Field.Text),
            ("content[].thinking[].text", Field.Text),
            ("reasoning_content", Field.Text),
            ("reasoning", Field.Text),
            ("refusal", Field.Text),
            ("audio", Field.Media),
            ("audio.transcript", Field.Text),
            ("images[]", Field.Media),
            ("images[].type", Field.None),
            ("tool_calls[].function.arguments", Field.Text),
            ("function_call.arguments", Field.Text)),
    ]);
}
