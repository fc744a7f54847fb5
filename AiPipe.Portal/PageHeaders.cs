using Microsoft.AspNetCore.Mvc.Filters;

namespace AiPipe.Portal;

/// <summary>What every page tells the browser: nothing from elsewhere, nothing inline, in nobody's frame.</summary>
internal sealed class PageHeaders : IAlwaysRunResultFilter
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public void OnResultExecuting(ResultExecutingContext context)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache";
    }

    public void OnResultExecuted(ResultExecutedContext context)
    {
        // Headers are set before the page is written; nothing is left to do.
    }
}
