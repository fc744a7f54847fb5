using System.Text.Json;
using AiPipe.Proxy.Apis.Content;

namespace AiPipe.Proxy.Apis.Completions;

internal sealed class CompletionsOutput : OutputMessages
{
    public override void Add(JsonElement json)
    {
        foreach (var element in json.Items("choices"))
        {
            var choice = ChoiceAt(element.Number("index"));
            choice.Finish(element.Text("finish_reason"));
            if (element.Text("text") is { } text) choice.Add(GenAiPart.FromText(text));
        }
    }
}
