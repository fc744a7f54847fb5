using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AiPipe.ServiceDefaults;

/// <summary>
/// Handles requests whose caller closes the connection before the response is complete. They are not errors: OpenTelemetry's conventions
/// leave the status of a span unset if a request is canceled intentionally.
/// </summary>
public static class CallerDisconnects
{
    // The conventions have no such attribute (https://github.com/open-telemetry/semantic-conventions/issues/560).
    private const string Disconnected = "aipipe.caller.disconnected";

    /// <summary>Catches the exceptions of requests whose caller has disconnected, so that they are not logged as unhandled.</summary>
    public static IApplicationBuilder UseCallerDisconnects(this IApplicationBuilder app) => app.Use(static async (http, next) =>
    {
        try
        {
            await next(http);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested)
        {
            http.MarkCallerDisconnected();
        }
    });

    /// <summary>Marks the server span of the request.</summary>
    public static void MarkCallerDisconnected(this HttpContext http) =>
        http.Features.Get<IHttpActivityFeature>()?.Activity.MarkCallerDisconnected();

    /// <summary>Marks a span.</summary>
    public static void MarkCallerDisconnected(this Activity span)
    {
        if (span.IsAllDataRequested) span.SetTag(Disconnected, true);
    }
}
