using System.Net;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace AiPipe.Proxy.Errors;

/// <summary>The response to a person who opened an address that does not exist, instead of JSON.</summary>
internal static class NotFoundPage
{
    /// <summary>True for a browser that opens a page. Scripts of pages accept any type.</summary>
    public static bool IsFor(HttpRequest request) => (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(static type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);

    public static async Task WriteAsync(HttpContext http, Refusal refusal)
    {
        var response = http.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        var page = $$"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Page not found · AiPipe</title>
            <style>
            body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark }
            </style>
            <h1>Page not found</h1>
            <p>{{WebUtility.HtmlEncode(refusal.Message)}}</p>
            <p><a href="/">Go to the start page</a></p>
            </html>
            """;
        var bytes = Encoding.UTF8.GetBytes(page);
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await response.Body.WriteAsync(bytes, http.RequestAborted);
    }
}
