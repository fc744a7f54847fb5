using System.Collections.Frozen;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Calls.Redaction;

namespace AiPipe.Proxy.Upstream;

/// <summary>Filters the provider's response headers: removes those about its site or our account there, and adds the call's id.</summary>
internal static class ResponseHeaders
{
    private static readonly FrozenSet<string> Dropped = new[]
    {
        "Set-Cookie", "Set-Cookie2", "Content-Security-Policy", "Strict-Transport-Security", "Alt-Svc", "Server", "Via", "Report-To", "NEL",
        "Openai-Organization", "Openai-Project", "Anthropic-Organization-Id", "Trailer",
        // Instructions to browsers and to web servers about a site, which is ours, not the provider's.
        "Clear-Site-Data", "Refresh", "WWW-Authenticate", "Proxy-Authenticate", "Proxy-Authentication-Info", "Authentication-Info",
        "Location", "Content-Location", "Link", "SourceMap", "X-SourceMap", "Service-Worker-Allowed", "Reporting-Endpoints",
        "Permissions-Policy",
        "Feature-Policy", "Public-Key-Pins", "Expect-CT", "Origin-Agent-Cluster", "X-Sendfile", "X-Powered-By", "Speculation-Rules",
        // Only AiPipe reports the cost of a call (CostHeaders).
        "cost", "monthlyCost", "monthlyRequests",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static void Clean(IHeaderDictionary headers)
    {
        List<string>? stay = null;
        foreach (var (name, _) in headers)
            if (Stays(name)) (stay ??= []).Add(name);
        stay?.ForEach(name => headers.Remove(name));
        // A provider's page (a file, an error) opened at our address must not run as one of ours.
        headers.ContentSecurityPolicy = "sandbox";
        headers.XContentTypeOptions = "nosniff";
    }

    /// <summary>Removes headers that quote one of our keys.</summary>
    public static void Redact(IHeaderDictionary headers, CallRedaction redaction)
    {
        List<string>? quoting = null;
        foreach (var (name, values) in headers)
        {
            if (values.Any(value => value is not null && redaction.Hide(value) != value) || redaction.Hide(name) != name)
                (quoting ??= []).Add(name);
        }
        quoting?.ForEach(name => headers.Remove(name));
    }

    /// <summary>Set for every call in the ledger, including those that AiPipe refused after sending.</summary>
    public static void SetCallId(CallContext call)
    {
        if (call.Reservation is not null) call.Http.Response.Headers["x-aipipe-call-id"] = call.Id.ToString();
    }

    /// <summary>AiPipe sets its own CORS headers; rate limits are those of our account, which all users share.</summary>
    private static bool Stays(string name) => Dropped.Contains(name)
        || name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("X-RateLimit-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("Anthropic-RateLimit-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("Cross-Origin-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("X-Accel-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("CF-", StringComparison.OrdinalIgnoreCase);
}
