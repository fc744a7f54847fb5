using System.Collections.Frozen;
using System.Net.Http.Headers;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Fetch;

internal static class FetchHeaders
{
    private static readonly FrozenSet<string> HopByHop = Names(
        "Connection", "Proxy-Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Proxy-Authenticate",
        "Proxy-Authorization", "Proxy-Authentication-Info");

    /// <summary>Headers about the caller and about the connection to us.</summary>
    private static readonly FrozenSet<string> KeptFromSite = Names(
        "Authorization", "x-api-key", "x-goog-api-key", "Cookie", "Origin", "Referer", "Host", "Accept-Encoding", "Expect",
        "Forwarded", "Via", "X-Real-IP", "X-Client-IP", "True-Client-IP", "traceparent", "tracestate", "baggage", "Request-Id");

    private static readonly string[] KeptFromSitePrefixes = [":", "X-Forwarded-", "X-Original-", "CF-", "Sec-", "Access-Control-"];

    /// <summary>Headers that would act on our origin (cookies, storage, sign-in) or hide the response from pages.</summary>
    private static readonly FrozenSet<string> KeptFromCaller = Names(
        "Set-Cookie", "Set-Cookie2", "Content-Security-Policy", "Content-Security-Policy-Report-Only", "Strict-Transport-Security",
        "Public-Key-Pins", "Clear-Site-Data", "Service-Worker-Allowed", "WWW-Authenticate", "Refresh", "Alt-Svc", "Report-To",
        "Reporting-Endpoints", "NEL", "Cross-Origin-Resource-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy",
        "Origin-Agent-Cluster", "X-Content-Type-Options", "X-Proxy-URL");

    /// <summary>Copies request headers; call it after the content, if any, is set.</summary>
    public static void CopyToSite(HttpRequest from, HttpRequestMessage to)
    {
        var named = from.Headers.GetCommaSeparatedValues("Connection");
        foreach (var (name, values) in from.Headers)
        {
            if (HopByHop.Contains(name) || KeptFromSite.Contains(name) || named.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            if (KeptFromSitePrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))) continue;
            var passing = values.OfType<string>().Where(IsPlain).ToList();
            if (!to.Headers.TryAddWithoutValidation(name, passing)) to.Content?.Headers.TryAddWithoutValidation(name, passing);
        }
    }

    /// <summary>Copies response headers, and prevents a fetched page from running on our origin.</summary>
    public static void CopyToCaller(HttpResponseMessage from, IHeaderDictionary to)
    {
        Copy(from.Headers.NonValidated, from.Headers.Connection, to);
        Copy(from.Content.Headers.NonValidated, from.Headers.Connection, to);
        to.ContentSecurityPolicy = "sandbox";
        to.XContentTypeOptions = "nosniff";
    }

    private static void Copy(HttpHeadersNonValidated from, HttpHeaderValueCollection<string> named, IHeaderDictionary to)
    {
        foreach (var (name, values) in from)
        {
            if (HopByHop.Contains(name) || KeptFromCaller.Contains(name)
                || named.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            if (name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)) continue;
            to[name] = values.Where(IsPlain).ToArray();
        }
    }

    /// <summary>Other characters make server or client throw; such values are rare and are dropped.</summary>
    private static bool IsPlain(string value) => !value.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static FrozenSet<string> Names(params string[] names) => names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
