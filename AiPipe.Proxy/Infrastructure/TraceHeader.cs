using System.Diagnostics;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>Sets <c>x-trace-id</c> on every response; the ledger has the same id.</summary>
internal static class TraceHeader
{
    private const string Name = "x-trace-id";

    public static IApplicationBuilder UseTraceHeader(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        // Last of all, to override the trace header of a provider.
        http.Response.OnStarting(static state =>
        {
            var (response, id) = ((HttpResponse, string))state;
            response.Headers[Name] = id;
            return Task.CompletedTask;
        }, (http.Response, IdOf(http)));
        return next(http);
    });

    public static string IdOf(HttpContext http) => Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;
}
