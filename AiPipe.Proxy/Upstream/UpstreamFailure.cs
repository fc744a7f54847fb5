using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.ServiceDefaults;
using Yarp.ReverseProxy.Forwarder;

namespace AiPipe.Proxy.Upstream;

/// <summary>What a failed forwarding means for the caller and for the bill.</summary>
internal static class UpstreamFailure
{
    /// <summary>
    /// The refusal to answer with; <c>null</c> when the caller has left or the response has begun. Says on the call and on the server span
    /// which of them it was.
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
    /// True when the caller closed the connection or stopped reading. Once a response has begun, the forwarder itself aborts the request
    /// whoever failed, so that <see cref="HttpContext.RequestAborted"/> says nothing.
    /// </summary>
    public static bool IsCallers(ForwarderError error, HttpContext http) => http.Response.HasStarted
        ? error is ForwarderError.ResponseBodyCanceled or ForwarderError.ResponseBodyClient or ForwarderError.RequestBodyCanceled
            or ForwarderError.RequestBodyClient or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeRequestClient
            or ForwarderError.UpgradeResponseCanceled or ForwarderError.UpgradeResponseClient
        : http.RequestAborted.IsCancellationRequested;

    /// <summary>True when no connection could be made, so that the provider cannot have worked on the call.</summary>
    private static bool NeverConnected(Exception? exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError,
    }
        // How SocketsHttpHandler says that ConnectTimeout is over; a time-out of ours has no cause.
        or OperationCanceledException { InnerException: TimeoutException };
}
