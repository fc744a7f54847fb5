using System.Text.Json;
using AiPipe.Proxy.Apis.Content;
using AiPipe.Proxy.Apis.OpenAi;

namespace AiPipe.Proxy.Apis.ChatCompletions;

internal sealed class ChatCompletionsOutput : OutputMessages
{
    public override void Add(JsonElement json)
    {
        foreach (var element in json.Items("choices"))
        {
            var choice = ChoiceAt(element.Number("index"));
            choice.Finish(element.Text("finish_reason"));
            if ((element.Member("delta") ?? element.Member("message")) is not { } message) continue;
            foreach (var part in OpenAiContent.Parts(message, "content").Concat(OpenAiContent.Parts(message, "refusal"))) choice.Add(part);
            foreach (var call in message.Items("tool_calls"))
            {
                var function = call.Member("function");
                choice.ToolCall(call.Number("index"), call.Text("id"), function?.Text("name"), function?.Raw("arguments"));
            }
        }
    }
}
