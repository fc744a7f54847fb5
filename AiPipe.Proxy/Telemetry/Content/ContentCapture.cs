using System.Text.Json;
using AiPipe.Proxy.Journey;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Telemetry.Content;

/// <summary>Puts prompts and responses on the spans of upstream calls, where the operator turned that on.</summary>
internal sealed class ContentCapture(IOptions<TelemetryOptions> options)
{
    private readonly bool _isOn = options.Value.CaptureContent;

    /// <summary>Puts the request's messages on the call's span, and prepares to capture its response.</summary>
    public void Begin(GatewayCall call)
    {
        if (!_isOn || !call.Endpoint.IsMetered || call.Span is not { IsAllDataRequested: true } span) return;
        call.Output = new OutputCapture(call.Endpoint.Api);
        try
        {
            using var body = JsonDocument.Parse(call.Body.Bytes);
            var input = InputMessages.Parse(call.Endpoint.Api, body.RootElement);
            if (input.Messages.Count > 0) span.SetTag("gen_ai.input.messages", GenAiMessage.Serialize(input.Messages));
            if (input.System.Count > 0) span.SetTag("gen_ai.system_instructions", GenAiMessage.SerializeParts(input.System));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The provider judges the request; the span does without it.
        }
    }

    /// <summary>Puts the response's messages on the call's span.</summary>
    public static void End(GatewayCall call)
    {
        if (call is { Output: { } output, Span: { } span } && output.ToJson() is { } messages) span.SetTag("gen_ai.output.messages", messages);
    }
}
