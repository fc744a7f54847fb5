using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AiPipe.ServiceDefaults;

/// <summary>
/// Requests whose caller closes the connection before the response is complete. That is no error of ours: OpenTelemetry's conventions
/// leave the status of a span unset where a request is canceled on purpose.
/// </summary>
public static class CallerDisconnects
{
    // The conventions have no name for it (https://github.com/open-telemetry/semantic-conventions/issues/560).
    private const string Disconnected = "aipipe.caller.disconnected";

    /// <summary>Ends requests that such a caller has interrupted, before the exception counts as unhandled.</summary>
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

    /// <summary>Marks the server span.</summary>
    public static void MarkCallerDisconnected(this HttpContext http) =>
        http.Features.Get<IHttpActivityFeature>()?.Activity.MarkCallerDisconnected();

    /// <summary>Marks a span.</summary>
    public static void MarkCallerDisconnected(this Activity span)
    {
        if (span.IsAllDataRequested) span.SetTag(Disconnected, true);
    }
}
