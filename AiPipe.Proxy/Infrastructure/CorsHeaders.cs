using Microsoft.Extensions.Primitives;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>Allows pages of every origin: no endpoint accepts a cookie alone, so a page needs a token.</summary>
internal static class CorsHeaders
{
    private static readonly StringValues MaxAge = "86400";
    private static readonly StringValues Methods = "GET, POST";
    private static readonly StringValues UsualHeaders = "Authorization, Content-Type";

    public static IApplicationBuilder UseCorsHeaders(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        if (!HttpMethods.IsOptions(http.Request.Method))
        {
            http.Response.OnStarting(static state =>
            {
                AddTo(((HttpContext)state).Response.Headers);
                return Task.CompletedTask;
            }, http);
            return next(http);
        }
        var headers = http.Response.Headers;
        var requested = http.Request.Headers.AccessControlRequestHeaders;
        AddTo(headers);
        headers.AccessControlAllowMethods = Methods;
        headers.AccessControlAllowHeaders = StringValues.IsNullOrEmpty(requested) ? UsualHeaders : requested;
        headers.AccessControlMaxAge = MaxAge;
        return Task.CompletedTask;
    });

    private static void AddTo(IHeaderDictionary headers)
    {
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlExposeHeaders = "*";
    }
}
