using System.Collections.Frozen;
using AiPipe.Proxy.Calls;

namespace AiPipe.Proxy.Upstream;

/// <summary>Filters the provider's response headers: removes those about its site or our account there, and adds the call's id.</summary>
internal static class ResponseHeaders
{
    private static readonly FrozenSet<string> Dropped = new[]
    {
        "Set-Cookie", "Set-Cookie2", "Content-Security-Policy", "Strict-Transport-Security", "Alt-Svc", "Server", "Via", "Report-To", "NEL",
        "Openai-Organization", "Openai-Project", "Trailer",
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

    /// <summary>Set for every call in the ledger, including those that AiPipe refused after sending.</summary>
    public static void SetCallId(CallContext call)
    {
        if (call.Reservation is not null) call.Http.Response.Headers["x-aipipe-call-id"] = call.Id.ToString();
    }

    /// <summary>AiPipe sets its own CORS headers; rate limits are those of our account, which all users share.</summary>
    private static bool Stays(string name) => Dropped.Contains(name)
        || name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("X-RateLimit-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("CF-", StringComparison.OrdinalIgnoreCase);
}
