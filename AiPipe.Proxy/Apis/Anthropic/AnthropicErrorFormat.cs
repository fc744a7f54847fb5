using System.Text.Json;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.Anthropic;

/// <summary>Anthropic's shape: https://platform.claude.com/docs/en/api/errors#error-shapes</summary>
internal sealed class AnthropicErrorFormat : ErrorFormat
{
    public override void Write(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteStartObject();
        json.WriteString("type", "error");
        json.WriteStartObject("error");
        json.WriteString("type", TypeOf(refusal.Status));
        json.WriteString("message", refusal.Message);
        json.WriteString("code", refusal.Code);
        if (refusal.Param is { } param) json.WriteString("param", param);
        if (refusal.ResetsAt is { } reset) json.WriteString("resets_at", reset.UtcDateTime);
        if (refusal.RetryAfterSeconds is { } seconds) json.WriteNumber("seconds", seconds);
        if (refusal.MaxCost is { } cost) json.WriteNumber("max_cost", cost);
        if (refusal.Remaining is { } left) json.WriteNumber("remaining", left);
        json.WriteEndObject();
        json.WriteString("message", refusal.Message);
        json.WriteEndObject();
    }

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };
}
