using System.Globalization;
using System.Text.Json;
using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Errors;

/// <summary>The only writer of error JSON (contract §7): every client finds the message where it looks for it.</summary>
internal static class RefusalWriter
{
    /// <summary>Answers with a refusal. Does nothing when the answer has begun: then it is too late to say no.</summary>
    public static async Task WriteAsync(HttpContext http, Refusal refusal, Dialect dialect = Dialect.OpenAi)
    {
        var response = http.Response;
        if (response.HasStarted) return;
        RefusalTelemetry.Refused(http, refusal.Code);
        response.StatusCode = refusal.Status;
        response.ContentType = "application/json";
        if (refusal.Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Bearer";
        if (refusal.RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

        var json = new Utf8JsonWriter(response.BodyWriter);
        await using (json)
        {
            json.WriteStartObject();
            json.WriteStartObject("error");
            if (dialect == Dialect.Gemini) WriteGemini(json, refusal); else WriteOpenAi(json, refusal);
            json.WriteEndObject();
            json.WriteString("message", refusal.Message);
            json.WriteEndObject();
        }
        await response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private static void WriteOpenAi(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteString("message", refusal.Message);
        json.WriteString("type", TypeOf(refusal.Status));
        json.WriteString("code", refusal.Code);
        WriteDetails(json, refusal);
    }

    /// <summary>Google's shape, <c>google.rpc.Status</c>: https://cloud.google.com/apis/design/errors.</summary>
    private static void WriteGemini(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteNumber("code", refusal.Status);
        json.WriteString("message", refusal.Message);
        json.WriteString("status", GoogleStatusOf(refusal.Status));
        json.WriteStartArray("details");
        json.WriteStartObject();
        json.WriteString("@type", "type.googleapis.com/google.rpc.ErrorInfo");
        json.WriteString("reason", refusal.Code);
        json.WriteString("domain", "aipipe");
        WriteDetails(json, refusal);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteDetails(Utf8JsonWriter json, Refusal refusal)
    {
        if (refusal.ResetsAt is { } reset) json.WriteString("resets_at", reset.UtcDateTime);
        if (refusal.RetryAfter is { } wait) json.WriteNumber("seconds", Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)));
    }

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

/// <summary>A refusal as an endpoint's result.</summary>
internal sealed class RefusalResult(Refusal refusal) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => RefusalWriter.WriteAsync(httpContext, refusal);
}
