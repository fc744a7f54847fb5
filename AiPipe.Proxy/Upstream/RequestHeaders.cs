using System.Collections.Frozen;
using System.Net.Http.Headers;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;

namespace AiPipe.Proxy.Upstream;

/// <summary>
/// The allow-list of request headers: the provider never receives the caller's cookies, tokens or addresses. Accept-Encoding is dropped,
/// too, because usage is read from the uncompressed response.
/// </summary>
internal static class RequestHeaders
{
    private static readonly FrozenSet<string> Passing = new[]
    {
        "Accept", "Accept-Language", "User-Agent", "OpenAI-Beta", "anthropic-version", "anthropic-beta",
        // OpenRouter's app attribution: https://openrouter.ai/docs/app-attribution
        "HTTP-Referer", "X-Title",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Refers to the caller's own account; with our key, such a header could return another user's response.</summary>
    private static readonly FrozenSet<string> PassingWithOwnKey = new[]
    {
        "OpenAI-Organization", "OpenAI-Project", "X-Goog-User-Project", "Idempotency-Key",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static void CopyPassing(HttpRequestMessage request, IHeaderDictionary incoming)
    {
        foreach (var (name, values) in incoming)
            if (Passing.Contains(name)) request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
    }

    public static void Set(HttpRequestMessage request, CallContext call, string? key)
    {
        var ownKey = call.Caller is Caller.Byok;
        var incoming = call.Http.Request.Headers;
        foreach (var (name, values) in incoming)
        {
            if (Passing.Contains(name) || (ownKey && PassingWithOwnKey.Contains(name)))
                request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }
        if (request.Content is { } content)
        {
            // The body was parsed as UTF-8, so no other charset may be declared. Multipart bodies need their boundary.
            if (call.Endpoint.IsMetered) content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            else CopyContentHeaders(content, incoming);
            content.Headers.ContentLength = call.Http.Request.ContentLength;
        }
        if (key is null)
        {
            foreach (var (name, value) in call.Routed!.Target.Headers)
            {
                request.Headers.Remove(name);
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }
        else call.Provider.Dialect.Authorize(request, key, isByok: ownKey);
    }

    /// <summary>A body that is not parsed is sent as it is.</summary>
    private static void CopyContentHeaders(HttpContent content, IHeaderDictionary incoming)
    {
        foreach (var name in (string[])["Content-Type", "Content-Encoding"])
            if (incoming[name] is { Count: > 0 } values) content.Headers.TryAddWithoutValidation(name, values.ToString());
    }
}
