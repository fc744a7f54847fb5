using Yarp.ReverseProxy.Forwarder;

namespace AiPipe.Proxy.Journey.Forwarding;

/// <summary>What a failed forwarding means for the caller and for the bill.</summary>
internal static class UpstreamFailure
{
    /// <summary>The refusal to answer with; <c>null</c> when nobody is there to read it or the answer has begun.</summary>
    public static Refusal? Explain(GatewayCall call, ForwarderError error, Exception? exception)
    {
        if (NeverConnected(exception)) call.Progress = UpstreamProgress.NotSent;
        call.Span?.SetTag("error.type", error.ToString());
        var response = call.Http.Response;
        if (response.HasStarted || call.Http.RequestAborted.IsCancellationRequested) return null;
        response.Clear();
        return error switch
        {
            ForwarderError.RequestTimedOut => Refusal.UpstreamTimeout(call.Provider.Name),
            ForwarderError.RequestBodyClient => Refusal.InvalidRequest("The body did not arrive as it was announced."),
            _ when call.Progress == UpstreamProgress.NotSent => Refusal.UpstreamUnreachable(call.Provider.Name),
            _ => Refusal.UpstreamBroken(call.Provider.Name),
        };
    }

    /// <summary>True when no connection could be made, so that the provider cannot have worked on the call.</summary>
    private static bool NeverConnected(Exception? exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError,
    }
        // How SocketsHttpHandler says that ConnectTimeout is over; a time-out of ours has no cause.
        or OperationCanceledException { InnerException: TimeoutException };
}
