using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Upstream.Routes;
using Yarp.ReverseProxy.Forwarder;

namespace AiPipe.Proxy.Upstream;

/// <summary>Turns the caller's request into the provider's, and looks at the answer before it goes back.</summary>
/// <param name="call">The call.</param>
/// <param name="key">The provider's key to use: ours, or the caller's own; <c>null</c> = what the route says instead.</param>
/// <param name="isLastKey">No other key could be tried: whatever the provider says is the answer.</param>
/// <param name="meter">Watches a metered answer; <c>null</c> for others.</param>
/// <param name="sending">How a route's target is reached, and how long that may take; <c>null</c> for others.</param>
internal sealed class ProviderTransformer(CallContext call, string? key, bool isLastKey, CallMeter? meter, RouteSending? sending) : HttpTransformer
{
    /// <summary>The provider's status when the answer was not passed on: another key, or another target, may do better.</summary>
    public int? Withheld { get; private set; }

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
        var status = (int)proxyResponse.StatusCode;
        call.Progress = proxyResponse.IsSuccessStatusCode ? UpstreamProgress.Streaming : UpstreamProgress.Rejected;
        // What one of several keys is told says nothing of the target yet.
        if (IsNextKeys(status) || sending?.Answered(proxyResponse) is true || IsOurs(status))
        {
            Withheld = status;
            return false;
        }

        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        ResponseHeaders.Clean(httpContext.Response.Headers);
        RateHeaders.Set(httpContext.Response.Headers, call.Rates, call.Refusal);
        ResponseHeaders.SetCallId(call);
        if (call.Reservation?.Hold.OutputLimit is { } limit) httpContext.Response.Headers["x-aipipe-max-output-tokens"] = limit.ToString(provider: null);
        if (meter is not null) await meter.WatchAsync(proxyResponse, cancellationToken);
        return true;
    }

    /// <summary>Trailers are ours alone: providers have none that say anything to a caller.</summary>
    public override ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        CostHeaders.SetTrailers(call);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// A provider's complaint about our key is between us and the provider (it may even quote the key). Trouble of one key or one
    /// moment moves on to the next key, while there is one.
    /// </summary>
    private bool IsNextKeys(int status) => !isLastKey && call.Caller is Caller.User && status is 401 or 403 or 429 or >= 500;

    private bool IsOurs(int status) => call.Caller is Caller.User && status == StatusCodes.Status401Unauthorized;
}
