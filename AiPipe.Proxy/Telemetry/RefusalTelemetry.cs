using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http.Features;

namespace AiPipe.Proxy.Telemetry;

/// <summary>Counts refusals by their code and names the code on the server span.</summary>
internal static class RefusalTelemetry
{
    private static readonly Counter<long> Refusals = AiPipeTelemetry.Meter.CreateCounter<long>(
        "aipipe.refusals", "{refusal}", "Requests that AiPipe itself refused, by the error code.");

    public static void Refused(HttpContext http, string code)
    {
        Refusals.Add(1, new KeyValuePair<string, object?>(AiPipeTelemetry.ErrorType, code));
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } server) server.SetTag(AiPipeTelemetry.ErrorType, code);
    }
}
