using System.Text.Json;
using AiPipe.Proxy.Apis.Content;

namespace AiPipe.Proxy.Apis.Anthropic;

internal sealed class MessagesOutput : OutputMessages
{
    public override void Add(JsonElement json)
    {
        var message = ChoiceAt(0);
        var (index, delta) = (json.Number("index"), json.Member("delta"));
        message.Finish((delta ?? json).Text("stop_reason"));
        switch (json.Text("type"))
        {
            case "content_block_start" when json.Member("content_block") is { } block:
                if (block.Text("type") is "tool_use" or "server_tool_use")
                    message.ToolCall(index, block.Text("id"), block.Text("name"), arguments: null);
                else if (MessagesContent.Part(block) is { } begun) message.Add(begun);
                break;
            case "content_block_delta" when (delta?.Text("text") ?? delta?.Text("thinking")) is { } text:
                message.Add(GenAiPart.FromText(text));
                break;
            case "content_block_delta" when delta?.Text("partial_json") is { } arguments:
                message.ToolCall(index, id: null, name: null, arguments);
                break;
            case "message":
                foreach (var part in MessagesContent.Read(json, "content")) message.Add(part);
                break;
        }
    }
}
