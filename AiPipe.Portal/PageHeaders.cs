using Microsoft.AspNetCore.Mvc.Filters;

namespace AiPipe.Portal;

/// <summary>What every page tells the browser: nothing from elsewhere, nothing inline, in nobody's frame, kept by nobody.</summary>
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
        // As antiforgery says it, too, which warns where it has to change what stands there.
        headers.CacheControl = "no-cache, no-store";
        headers.Pragma = "no-cache";
    }

    public void OnResultExecuted(ResultExecutedContext context)
    {
        // Headers are set before the page is written; nothing is left to do.
    }

    /// <summary>
    /// Google's button asks which origin it is on, and over plain HTTP (localhost) for the page:
    /// https://developers.google.com/identity/gsi/web/guides/get-google-api-clientid.
    /// </summary>
    private static string ToGoogle(bool isHttps) => isHttps ? "strict-origin-when-cross-origin" : "no-referrer-when-downgrade";

    private static string Policy(PageExceptions exceptions)
    {
        var google = exceptions.Google ? " " + Google : "";
        // Browsers hold a form to the address that it leads to in the end, too.
        var goal = exceptions.FormTarget is { } origin ? " " + origin : "";
        return $"default-src 'none'; script-src 'self'{google}; style-src 'self'{google}; img-src 'self' blob: data:; media-src blob: data:; "
            + $"connect-src 'self'{google}; frame-src{(google.Length > 0 ? google : " 'none'")}; form-action 'self'{goal}; base-uri 'none'; frame-ancestors 'none'";
    }
}

/// <summary>What one page needs beyond what all may.</summary>
/// <param name="Google">Google's sign-in button.</param>
/// <param name="FormTarget">The origin that a form of the page leads to in the end; one that the gateway let through.</param>
internal sealed record PageExceptions(bool Google = false, string? FormTarget = null)
{
    public static readonly PageExceptions None = new();
}
