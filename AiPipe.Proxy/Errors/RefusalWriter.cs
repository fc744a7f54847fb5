using System.Globalization;
using System.Text.Json;

namespace AiPipe.Proxy.Errors;

/// <summary>The only writer of error JSON.</summary>
internal static class RefusalWriter
{
    private const int MaxRetryAfterSeconds = 60;

    /// <param name="format">The shape that the caller's client expects; <c>null</c> = <see cref="ErrorFormat.OpenAi"/>.</param>
    public static async Task WriteAsync(HttpContext http, Refusal refusal, ErrorFormat? format = null)
    {
        var response = http.Response;
        if (response.HasStarted) return;
        RefusalTelemetry.Refused(http, refusal.Code);
        response.StatusCode = refusal.Status;
        if (refusal.Status == StatusCodes.Status404NotFound && NotFoundPage.IsFor(http.Request))
        {
            await NotFoundPage.WriteAsync(http, refusal);
            return;
        }
        response.ContentType = "application/json";
        if (refusal.Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Bearer";
        // Clients retry every 429, and some sleep for as long as the header says: a longer wait stands in the body only.
        if (refusal.RetryAfterSeconds is { } seconds and <= MaxRetryAfterSeconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        else if (refusal.Status == StatusCodes.Status429TooManyRequests) response.Headers["x-should-retry"] = "false";

        await using (var json = new Utf8JsonWriter(response.BodyWriter)) (format ?? ErrorFormat.OpenAi).Write(json, refusal);
        await response.BodyWriter.FlushAsync(http.RequestAborted);
    }
}

internal sealed class RefusalResult(Refusal refusal) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => RefusalWriter.WriteAsync(httpContext, refusal);
}
