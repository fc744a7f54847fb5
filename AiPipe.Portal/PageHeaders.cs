using Microsoft.AspNetCore.Mvc.Filters;

namespace AiPipe.Portal;

/// <summary>Security headers of every page: no foreign or inline resources, no frames, no caching.</summary>
internal sealed class PageHeaders : IAlwaysRunResultFilter
{
    private const string Google = "https://accounts.google.com/gsi/";

    public void OnResultExecuting(ResultExecutingContext context)
    {
        var http = context.HttpContext;
        var headers = http.Response.Headers;
        var exceptions = http.Features.Get<PageExceptions>() ?? PageExceptions.None;
        headers.ContentSecurityPolicy = Policy(exceptions);
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = exceptions.Google ? ToGoogle(http.Request.IsHttps) : "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = exceptions.Google ? "same-origin-allow-popups" : "same-origin";
        // The same value as antiforgery sets, which otherwise logs a warning that it overrides the header.
        headers.CacheControl = "no-cache, no-store";
        headers.Pragma = "no-cache";
    }

    public void OnResultExecuted(ResultExecutedContext context)
    {
        // Nothing to do after the page is written.
    }

    // Google's button needs the origin, and over plain HTTP (localhost) the page's address:
    // https://developers.google.com/identity/gsi/web/guides/get-google-api-clientid
    private static string ToGoogle(bool isHttps) => isHttps ? "strict-origin-when-cross-origin" : "no-referrer-when-downgrade";

    private static string Policy(PageExceptions exceptions)
    {
        var google = exceptions.Google ? " " + Google : "";
        // Browsers apply form-action to redirects after a form, too.
        var target = exceptions.FormTarget is { } origin ? " " + origin : "";
        var frames = google.Length > 0 ? google : " 'none'";
        return $"default-src 'none'; script-src 'self'{google}; style-src 'self'{google}; img-src 'self' blob: data:; "
            + $"media-src blob: data:; connect-src 'self'{google}; frame-src{frames}; form-action 'self'{target}; base-uri 'none'; "
            + "frame-ancestors 'none'";
    }
}

/// <summary>Exceptions from the security headers for one page.</summary>
/// <param name="Google">The page has Google's sign-in button.</param>
/// <param name="FormTarget">An allowed origin that the page's form redirects to.</param>
internal sealed record PageExceptions(bool Google = false, string? FormTarget = null)
{
    public static readonly PageExceptions None = new();
}
