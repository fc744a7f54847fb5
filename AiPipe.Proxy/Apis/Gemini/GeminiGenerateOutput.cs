using System.Text.Json;
using AiPipe.Proxy.Apis.Content;

namespace AiPipe.Proxy.Apis.Gemini;

internal sealed class GeminiGenerateOutput : OutputMessages
{
    public override void Add(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var element in json.EnumerateArray()) Add(element);
            return;
        }
        foreach (var element in json.Items("candidates"))
        {
            var choice = ChoiceAt(element.Number("index"));
            choice.Finish(element.Text("finishReason"));
            if (element.Member("content") is { } content)
                foreach (var part in GeminiContent.Read(content)) choice.Add(part);
        }
    }
}
