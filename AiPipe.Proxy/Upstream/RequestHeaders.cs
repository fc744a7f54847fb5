using System.Collections.Frozen;
using System.Net.Http.Headers;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Upstream;

/// <summary>
/// Which of the caller's headers reach the provider: an allow-list, so that no cookie, token or address of theirs ever does.
/// Accept-Encoding stays behind too: usage is read from the answer as it passes, so it must not be compressed.
/// </summary>
internal static class RequestHeaders
{
    private static readonly FrozenSet<string> Passing = new[]
    {
        "Accept", "Accept-Language", "User-Agent", "OpenAI-Beta",
        // How OpenRouter's users name their app: https://openrouter.ai/docs/app-attribution
        "HTTP-Referer", "X-Title",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// What only makes sense in the caller's own account there: who pays, and which earlier call this one repeats — with our key, somebody
    /// else's answer might come back.
    /// </summary>
    private static readonly FrozenSet<string> PassingWithOwnKey = new[]
    {
        "OpenAI-Organization", "OpenAI-Project", "X-Goog-User-Project", "Idempotency-Key",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Copies those that reach anybody.</summary>
    public static void CopyPassing(HttpRequestMessage request, IHeaderDictionary incoming)
    {
        foreach (var (name, values) in incoming)
            if (Passing.Contains(name)) request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
    }

    /// <summary>Sets a request's headers: what passes of the caller's, and the key; without one, what the route says instead.</summary>
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
            // What was read as UTF-8 must not be read as something else. Multipart bodies name their boundary here: theirs goes as it is.
            if (call.Endpoint.IsMetered) content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            else if (incoming.ContentType.Count > 0) content.Headers.TryAddWithoutValidation("Content-Type", incoming.ContentType.ToString());
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
        else if (call.Provider.Dialect == Dialect.Gemini && (!ownKey || key.StartsWith("AIza", StringComparison.Ordinal)))
            request.Headers.TryAddWithoutValidation("x-goog-api-key", key);
        else
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }
}
