using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.Gemini;

/// <summary>
/// Gemini's generated content: one object, server-sent events, or a JSON array of events. Every event repeats the report; omitted fields
/// keep their last value. A stream has no end event, and some models send a finish reason with every event: it ends when its bytes end.
/// </summary>
internal sealed class GeminiGenerateResponse() : ApiResponse(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Create(
    [
        .. UsagePlaces.In(inArray: true),
        ("[]", Field.Event),
        .. JsonPaths.Under([.. UsagePlaces.Envelopes, .. UsagePlaces.Envelopes.Select(static envelope => "[]." + envelope)],
            ("responseId", Field.Id),
            ("modelVersion", Field.Model),
            ("candidates[].finishReason", Field.FinishReason),
            ("candidates[].content.parts[].text", Field.Text),
            ("candidates[].content.parts[].functionCall.name", Field.Text),
            ("candidates[].content.parts[].executableCode.code", Field.Text),
            ("candidates[].content.parts[].inlineData", Field.Media),
            ("candidates[].content.parts[].inlineData.mimeType", Field.None),
            ("promptFeedback.blockReason", Field.FinishReason)),
    ]);

    protected override bool ReportsAddUp => true;
}
