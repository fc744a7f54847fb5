using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.ChatCompletions;

/// <summary>The last report that is not <c>null</c> applies; <c>[DONE]</c> ends a stream.</summary>
internal sealed class ChatCompletionsResponse() : OpenAiResponse(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Create(
    [
        .. CompletionFields,
        .. JsonPaths.Under(["choices[].delta.", "choices[].message."],
            ("content", Field.Text),
            ("content[].text", Field.Text),
            ("content[].thinking[].text", Field.Text),
            ("reasoning_content", Field.Text),
            ("reasoning", Field.Text),
            ("refusal", Field.Text),
            ("audio.transcript", Field.Text),
            ("tool_calls[].function.arguments", Field.Text),
            ("function_call.arguments", Field.Text)),
    ]);
}
