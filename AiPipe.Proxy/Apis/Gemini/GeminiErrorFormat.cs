using System.Text.Json;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.Gemini;

/// <summary>Google's shape, <c>google.rpc.Status</c>: https://cloud.google.com/apis/design/errors.</summary>
internal sealed class GeminiErrorFormat : ErrorFormat
{
    public override void Write(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteNumber("code", refusal.Status);
        json.WriteString("message", refusal.Message);
        json.WriteString("status", StatusOf(refusal.Status));
        json.WriteStartArray("details");
        json.WriteStartObject();
        json.WriteString("@type", "type.googleapis.com/google.rpc.ErrorInfo");
        json.WriteString("reason", refusal.Code);
        json.WriteString("domain", "aipipe");
        if (refusal.ResetsAt is { } reset) json.WriteString("resets_at", reset.UtcDateTime);
        if (refusal.RetryAfterSeconds is { } seconds) json.WriteNumber("seconds", seconds);
        if (refusal.MaxCost is { } cost) json.WriteNumber("max_cost", cost);
        if (refusal.Remaining is { } left) json.WriteNumber("remaining", left);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteString("message", refusal.Message);
        json.WriteEndObject();
    }

    private static string StatusOf(int status) => status switch
    {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        >= 500 => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    };
}
