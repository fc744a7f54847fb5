using System.Text.Json;
using AiPipe.Proxy.Apis.Content;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Calls.Telemetry.Content;

/// <summary>Records prompts and responses on the spans of upstream calls, if the operator has enabled it.</summary>
internal sealed class ContentCapture(IOptions<TelemetryOptions> options)
{
    private readonly bool _isOn = options.Value.CaptureContent;

    public void Begin(CallContext call)
    {
        if (!_isOn || call.Endpoint.Api is not { } api || call.Span is not { IsAllDataRequested: true } span) return;
        call.Output = api.CreateOutput() is { } output ? new OutputCapture(output) : null;
        try
        {
            using var body = JsonDocument.Parse(call.Body.Bytes);
            var input = api.ReadInput(body.RootElement);
            if (input.Messages.Count > 0) span.SetTag("gen_ai.input.messages", GenAiMessage.Serialize(input.Messages));
            if (input.System.Count > 0) span.SetTag("gen_ai.system_instructions", GenAiMessage.SerializeParts(input.System));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The provider decides whether the request is valid; the span has no messages then.
        }
    }

    public static void End(CallContext call)
    {
        if (call is { Output: { } output, Span: { } span } && output.ToJson() is { } messages)
            span.SetTag("gen_ai.output.messages", messages);
    }
}
