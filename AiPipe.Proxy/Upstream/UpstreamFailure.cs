using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.ServiceDefaults;
using Yarp.ReverseProxy.Forwarder;

namespace AiPipe.Proxy.Upstream;

internal static class UpstreamFailure
{
    /// <summary>
    /// Returns the refusal, or <c>null</c> if the caller disconnected or the response has started; records it on the call.
    /// </summary>
    public static Refusal? Explain(CallContext call, ForwarderError error, Exception? exception)
    {
        if (NeverConnected(exception)) call.Progress = UpstreamProgress.NotSent;
        if (IsCallers(error, call.Http))
        {
            call.CallerDisconnected = true;
            call.Http.MarkCallerDisconnected();
            return null;
        }
        call.Failure = error switch
        {
            ForwarderError.RequestTimedOut => Refusal.UpstreamTimeout(call.Provider.Name),
            ForwarderError.RequestBodyClient => Refusal.InvalidRequest("The body did not arrive as it was announced."),
            _ when call.Progress == UpstreamProgress.NotSent => Refusal.UpstreamUnreachable(call.Provider.Name),
            _ => Refusal.UpstreamBroken(call.Provider.Name),
        };
        if (call.Http.Response.HasStarted)
        {
            RefusalTelemetry.BrokeOff(call.Http, call.Failure.Code);
            return null;
        }
        call.Http.Response.Clear();
        return call.Failure;
    }

    /// <summary>
    /// True if the caller disconnected or stopped reading. Once a response has started, RequestAborted does not tell: the forwarder aborts
    /// the request for every failure.
    /// </summary>
    public static bool IsCallers(ForwarderError error, HttpContext http) => http.Response.HasStarted
        ? error is ForwarderError.ResponseBodyCanceled or ForwarderError.ResponseBodyClient or ForwarderError.RequestBodyCanceled
            or ForwarderError.RequestBodyClient or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeRequestClient
            or ForwarderError.UpgradeResponseCanceled or ForwarderError.UpgradeResponseClient
        : http.RequestAborted.IsCancellationRequested;

    /// <summary>True if no connection was made, so that the provider cannot have processed the call.</summary>
    private static bool NeverConnected(Exception? exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError,
    }
        // SocketsHttpHandler's exception for ConnectTimeout; AiPipe's own timeouts have no inner exception.
        or OperationCanceledException { InnerException: TimeoutException };
}
