using System.Text.Json;

namespace AiPipe.Proxy.Errors;

internal sealed class OpenAiErrorFormat : ErrorFormat
{
    public override void Write(Utf8JsonWriter json, Refusal refusal) =>
        JsonSerializer.Serialize(json, new ErrorResponse(Describe(refusal), refusal.Message), ContractJson.Default.ErrorResponse);

    public static ErrorInfo Describe(Refusal refusal) => new()
    {
        Message = refusal.Message,
        Type = refusal.Type ?? TypeOf(refusal.Status),
        Code = refusal.Code,
        Param = refusal.Param,
        ResetsAt = refusal.ResetsAt?.UtcDateTime,
        Seconds = refusal.RetryAfterSeconds,
        MaxCost = refusal.MaxCost,
        Remaining = refusal.Remaining,
    };

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };
}
