using System.Diagnostics;
using System.Diagnostics.Metrics;
using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.Http.Features;

namespace AiPipe.Proxy.Errors;

internal static class RefusalTelemetry
{
    private static readonly Counter<long> Refusals = AiPipeTelemetry.Meter.CreateCounter<long>(
        "aipipe.refusals", "{refusal}", "Requests that AiPipe itself refused, by the error code.");

    public static void Refused(HttpContext http, string code)
    {
        Refusals.Add(1, new KeyValuePair<string, object?>(AiPipeTelemetry.ErrorType, code));
        if (Server(http) is { IsAllDataRequested: true } server) server.SetTag(AiPipeTelemetry.ErrorType, code);
    }

    /// <summary>Marks the server span as failed if a response breaks off after its status was sent.</summary>
    public static void BrokeOff(HttpContext http, string code) => Server(http).Fail(code);

    private static Activity? Server(HttpContext http) => http.Features.Get<IHttpActivityFeature>()?.Activity;
}
