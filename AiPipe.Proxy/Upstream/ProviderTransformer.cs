using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Calls.Redaction;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Upstream.Routes;
using AiPipe.Proxy.Upstream.Unfinished;
using Yarp.ReverseProxy.Forwarder;

namespace AiPipe.Proxy.Upstream;

/// <param name="key">The provider's key: ours or a BYOK key; <c>null</c> = the route's credentials.</param>
/// <param name="isLastKey">True if no other key is left: the caller receives any response.</param>
/// <param name="metered"><c>null</c> for unmetered calls.</param>
internal sealed class ProviderTransformer(
    CallContext call, string? key, bool isLastKey, MeteredExchange? metered, RouteSending? sending, TimeProvider clock) : HttpTransformer
{
    /// <summary>The provider's status if its response was withheld, because another key or target may succeed.</summary>
    public int? Withheld { get; private set; }

    /// <summary>How long the provider asks to wait before the next request.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>The content coding of a metered response that was withheld because AiPipe cannot decode it.</summary>
    public string? UnknownCoding { get; private set; }

    /// <summary>True if the response was withheld because the provider rejects the request for usage that AiPipe added.</summary>
    public bool RejectsUsage { get; private set; }

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        proxyRequest.RequestUri = UpstreamAddress.Create(call);
        RequestHeaders.Set(proxyRequest, call, key);
        if (sending is not null)
        {
            proxyRequest.Method = HttpMethod.Post;
            SecretParameters.Set(proxyRequest, call.Routed!.Target);
            if (!sending.MayKeep) proxyRequest.Headers.ConnectionClose = true;
        }
        call.Progress = UpstreamProgress.Sent;
        return ValueTask.CompletedTask;
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null) return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        sending?.HasBegun();
        RetryAfter = proxyResponse.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - clock.GetUtcNow() : null;
        var status = (int)proxyResponse.StatusCode;
        call.Progress = proxyResponse.IsSuccessStatusCode ? UpstreamProgress.Streaming : UpstreamProgress.Rejected;
        // An error for one of several keys does not concern the target yet. A redirect could lead callers to addresses inside our network.
        if (call.RequestsUsage && status is StatusCodes.Status400BadRequest or StatusCodes.Status422UnprocessableEntity
            && await RedactedError.MentionsAsync(proxyResponse, "stream_options", cancellationToken))
        {
            (Withheld, RejectsUsage) = (status, true);
            return false;
        }
        if (IsNextKeys(status) || sending?.Answered((int)proxyResponse.StatusCode, RetryAfter) is true || IsOurs(status) || IsRedirect(status))
        {
            Withheld = status;
            return false;
        }

        if (metered is not null && proxyResponse.IsSuccessStatusCode
            && DecompressedResponse.UnknownCoding(proxyResponse.Content.Headers) is { } coding)
        {
            (UnknownCoding, call.Progress) = (coding, UpstreamProgress.Unreadable);
            return false;
        }

        proxyResponse.ReasonPhrase = null;
        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        ResponseHeaders.Clean(httpContext.Response.Headers);
        if (call.Redaction is { IsNeeded: true } redaction)
            await RedactAsync(httpContext, proxyResponse, redaction, cancellationToken);
        RateHeaders.Set(httpContext.Response.Headers, call.Rates);
        ResponseHeaders.SetCallId(call);
        if (call.Reservation?.Limit.OutputLimit is { } limit) httpContext.Response.Headers["x-aipipe-max-output-tokens"] =
            limit.ToString(provider: null);
        if (metered is not null) await metered.WatchAsync(proxyResponse);
        return true;
    }

    /// <summary>Only AiPipe sends trailers; those of providers have no meaning for callers.</summary>
    public override ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        CostHeaders.SetTrailers(call);
        return ValueTask.CompletedTask;
    }

    /// <summary>Hides our keys. The meter does this for the body of a metered call that succeeded.</summary>
    private async Task RedactAsync(
        HttpContext http, HttpResponseMessage response, CallRedaction redaction, CancellationToken cancellationToken)
    {
        ResponseHeaders.Redact(http.Response.Headers, redaction);
        if (HttpMethods.IsHead(call.Method)) return;
        if (!response.IsSuccessStatusCode) await RedactedError.ReadAsync(response, http.Response, redaction, cancellationToken);
        else if (metered is null)
            response.Content = new StreamContent(
                new RedactedResponse(await response.Content.ReadAsStreamAsync(cancellationToken), redaction));
    }

    public static bool IsRedirect(int status) => status is >= 300 and < 400 and not StatusCodes.Status304NotModified;

    /// <summary>An error about our key must not reach the caller (it may quote the key), and another key may succeed.</summary>
    private bool IsNextKeys(int status) => !isLastKey && call.Caller is Caller.User && status is 401 or 403 or 429 or >= 500;

    private bool IsOurs(int status) => call.Caller is Caller.User && status == StatusCodes.Status401Unauthorized;
}
