using System.Globalization;
using System.Text.Json;

namespace AiPipe.Proxy.Errors;

/// <summary>The only writer of error JSON. Each dialect has the shape that its clients expect.</summary>
internal static class RefusalWriter
{
    public static async Task WriteAsync(HttpContext http, Refusal refusal, Dialect dialect = Dialect.OpenAi)
    {
        var response = http.Response;
        if (response.HasStarted) return;
        RefusalTelemetry.Refused(http, refusal.Code);
        response.StatusCode = refusal.Status;
        response.ContentType = "application/json";
        if (refusal.Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Bearer";
        if (SecondsOf(refusal) is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);

        await using (var json = new Utf8JsonWriter(response.BodyWriter))
        {
            if (dialect == Dialect.Gemini) WriteGemini(json, refusal);
            else JsonSerializer.Serialize(json, ToContract(refusal), ContractJson.Default.ErrorResponse);
        }
        await response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private static ErrorResponse ToContract(Refusal refusal) => new(
        new ErrorInfo
        {
            Message = refusal.Message,
            Type = TypeOf(refusal.Status),
            Code = refusal.Code,
            Param = refusal.Param,
            ResetsAt = refusal.ResetsAt?.UtcDateTime,
            Seconds = SecondsOf(refusal),
        },
        refusal.Message);

    /// <summary>Google's shape, <c>google.rpc.Status</c>: https://cloud.google.com/apis/design/errors.</summary>
    private static void WriteGemini(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteNumber("code", refusal.Status);
        json.WriteString("message", refusal.Message);
        json.WriteString("status", GoogleStatusOf(refusal.Status));
        json.WriteStartArray("details");
        json.WriteStartObject();
        json.WriteString("@type", "type.googleapis.com/google.rpc.ErrorInfo");
        json.WriteString("reason", refusal.Code);
        json.WriteString("domain", "aipipe");
        if (refusal.ResetsAt is { } reset) json.WriteString("resets_at", reset.UtcDateTime);
        if (SecondsOf(refusal) is { } seconds) json.WriteNumber("seconds", seconds);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteString("message", refusal.Message);
        json.WriteEndObject();
    }

    private static long? SecondsOf(Refusal refusal) =>
        refusal.RetryAfter is { } wait ? Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)) : null;

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    private static string GoogleStatusOf(int status) => status switch
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

internal sealed class RefusalResult(Refusal refusal) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => RefusalWriter.WriteAsync(httpContext, refusal);
}
