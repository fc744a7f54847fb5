using System.Text.Json;
using AiPipe.Proxy.Apis.Content;
using AiPipe.Proxy.Apis.OpenAi;

namespace AiPipe.Proxy.Apis.Responses;

/// <summary>The last event has the whole response. The deltas are used only if the stream ends before it.</summary>
internal sealed class ResponsesOutput : OutputMessages
{
    private IReadOnlyList<GenAiMessage>? _whole;

    public override IReadOnlyList<GenAiMessage> Messages => _whole ?? base.Messages;

    public override void Add(JsonElement json)
    {
        var response = json.Member("response") ?? json;
        if (response.Member("output") is { ValueKind: JsonValueKind.Array } output && output.GetArrayLength() > 0)
        {
            var reason = FinishReason(response.Text("status"));
            _whole = [.. output.EnumerateArray().Select(item => OpenAiContent.Item(item) with { FinishReason = reason })];
        }
        else if (json.Text("type") is "response.output_text.delta" or "response.refusal.delta" && json.Text("delta") is { } delta)
            ChoiceAt(json.Number("output_index")).Add(GenAiPart.FromText(delta));
    }
}
