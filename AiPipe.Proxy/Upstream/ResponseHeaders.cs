using System.Collections.Frozen;
using AiPipe.Proxy.Calls;

namespace AiPipe.Proxy.Upstream;

/// <summary>What the caller's answer tells besides the provider's: without its headers that speak of its own site or of our account there, and with the call's id.</summary>
internal static class ResponseHeaders
{
    private static readonly FrozenSet<string> Dropped = new[]
    {
        "Set-Cookie", "Set-Cookie2", "Content-Security-Policy", "Strict-Transport-Security", "Alt-Svc", "Server", "Via", "Report-To", "NEL",
        "Openai-Organization", "Openai-Project", "Trailer",
        // What a call cost here, only we say (CostHeaders).
        "cost", "monthlyCost", "monthlyRequests",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Removes what must not pass, after YARP has copied the rest and left out the hop-by-hop ones.</summary>
    public static void Clean(IHeaderDictionary headers)
    {
        List<string>? stay = null;
        foreach (var (name, _) in headers)
            if (Stays(name)) (stay ??= []).Add(name);
        stay?.ForEach(name => headers.Remove(name));
        // A provider's page opened at our address (a file, an error) must not run as a page of ours.
        headers.ContentSecurityPolicy = "sandbox";
        headers.XContentTypeOptions = "nosniff";
    }

    /// <summary>By what the call is found at <c>/usage/calls/{id}</c>: any that reached the ledger, also where we answer for the provider.</summary>
    public static void SetCallId(CallContext call)
    {
        if (call.Reservation is not null) call.Http.Response.Headers["x-aipipe-call-id"] = call.Id.ToString();
    }

    /// <summary>CORS is ours to answer; rate limits are our account's, shared by everybody here.</summary>
    private static bool Stays(string name) => Dropped.Contains(name)
        || name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("X-RateLimit-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("CF-", StringComparison.OrdinalIgnoreCase);
}
