using System.Diagnostics;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>Names the trace of every answer in <c>x-trace-id</c>; the ledger has the same id.</summary>
internal static class TraceHeader
{
    private const string Name = "x-trace-id";

    public static IApplicationBuilder UseTraceHeader(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        // At the last moment, over whatever a provider says of its own traces.
        http.Response.OnStarting(static state =>
        {
            var (response, id) = ((HttpResponse, string))state;
            response.Headers[Name] = id;
            return Task.CompletedTask;
        }, (http.Response, IdOf(http)));
        return next(http);
    });

    /// <summary>The trace's id, or the request's where nothing is traced.</summary>
    public static string IdOf(HttpContext http) => Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;
}
