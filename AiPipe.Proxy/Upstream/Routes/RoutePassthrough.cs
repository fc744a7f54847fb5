using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Routing;
using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace AiPipe.Proxy.Upstream.Routes;

/// <summary>
/// Sends a model's response to a route's upstream, as the body of the caller's request, and returns the upstream's response (APISIX's
/// <c>passthrough</c>). The model's call is settled by then, like any other.
/// </summary>
internal sealed class RoutePassthrough(IHttpForwarder forwarder, UpstreamClients clients, IOptions<ForwardingOptions> options)
{
    private const int MaxAnswerBytes = 16 << 20;

    private readonly ForwarderRequestConfig _config = new() { ActivityTimeout = options.Value.ActivityTimeout };

    /// <summary>Runs the model's call and sends its response to the upstream; an error of the model is returned to the caller.</summary>
    public async Task RunAsync(HttpContext http, RouteUpstream upstream, Func<Task<CallContext>> call)
    {
        using var answer = new AnswerBuffer(MaxAnswerBytes);
        var (caller, rate) = (http.Features.Get<IHttpResponseBodyFeature>()!, http.Features.Get<IHttpMinResponseDataRateFeature>());
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        // A buffered response has no connection and must not be chunked (CostHeaders).
        http.Features.Set<IHttpMinResponseDataRateFeature>(null);
        CallContext answered;
        try
        {
            answered = await call();
        }
        finally
        {
            http.Features.Set(caller);
            http.Features.Set(rate);
        }
        if (http.RequestAborted.IsCancellationRequested) return;
        var response = http.Response;
        if (answer.IsFull)
        {
            response.Clear();
            CostHeaders.Set(answered, response);
            await RefusalWriter.WriteAsync(http, Refusal.FetchTooLarge(MaxAnswerBytes));
            return;
        }
        answer.Position = 0;
        if (response.StatusCode is < 200 or > 299)
        {
            await answer.CopyToAsync(response.Body, http.RequestAborted);
            return;
        }
        var type = response.ContentType;
        response.Clear();
        await SendAsync(http, upstream, answered, answer, type);
    }

    private async Task SendAsync(HttpContext http, RouteUpstream upstream, CallContext call, Stream answer, string? type)
    {
        var node = NodeOf(upstream);
        var authority = node.Port is { } port ? $"{node.Host}:{port}" : node.Host;
        var address = new Uri($"{upstream.Scheme}://{authority}");
        (http.Request.Body, http.Request.ContentLength, http.Request.ContentType) = (answer, answer.Length, type);
        var host = upstream.UsesNodeHost ? null : upstream.Host ?? http.Request.Host.Value;
        var error = await forwarder.SendAsync(
            http, address.AbsoluteUri, clients.Network, _config, new Transformer(call, address, host), http.RequestAborted);
        if (error == ForwarderError.None) return;
        if (UpstreamFailure.IsCallers(error, http))
        {
            http.MarkCallerDisconnected();
            return;
        }
        var refusal = error == ForwarderError.RequestTimedOut ? Refusal.UpstreamTimeout(node.Host) : Refusal.UpstreamUnreachable(node.Host);
        if (http.Response.HasStarted)
        {
            RefusalTelemetry.BrokeOff(http, refusal.Code);
            return;
        }
        http.Response.Clear();
        CostHeaders.Set(call, http.Response);
        await RefusalWriter.WriteAsync(http, refusal);
    }

    private static RouteNode NodeOf(RouteUpstream upstream)
    {
        var left = Random.Shared.Next(upstream.Nodes.Sum(node => node.Weight));
        return upstream.Nodes.First(node => (left -= node.Weight) < 0);
    }

    /// <summary>Keeps the caller's path, query and the headers that also reach providers: no cookie, no token.</summary>
    private sealed class Transformer(CallContext call, Uri address, string? host) : HttpTransformer
    {
        public override ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            var request = httpContext.Request;
            proxyRequest.RequestUri = new Uri(address, request.Path.ToUriComponent() + QueryKey.Remove(request));
            proxyRequest.Headers.Host = host;
            RequestHeaders.CopyPassing(proxyRequest, request.Headers);
            if (proxyRequest.Content is { } content)
            {
                content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
                content.Headers.ContentLength = request.ContentLength;
            }
            return ValueTask.CompletedTask;
        }

        public override async ValueTask<bool> TransformResponseAsync(
            HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            var isPassed = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
            if (proxyResponse is not null) ResponseHeaders.Clean(httpContext.Response.Headers);
            CostHeaders.Set(call, httpContext.Response);
            return isPassed;
        }
    }

    private sealed class AnswerBuffer(int most) : MemoryStream
    {
        public bool IsFull { get; private set; }

        // MemoryStream's other write methods call this one in derived classes.
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (IsFull || Position + count > most) IsFull = true;
            else base.Write(buffer, offset, count);
        }
    }
}
