using AiPipe.Proxy.Apis.Requests;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Calls.Telemetry;
using AiPipe.Proxy.Calls.Telemetry.Content;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Upstream.Routes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace AiPipe.Proxy.Upstream;

/// <summary>Sends a call to its provider and the answer back, trying one key after the other.</summary>
internal sealed class UpstreamInvoker(
    IHttpForwarder forwarder,
    UpstreamClients clients,
    RouteConnections connections,
    CredentialRotation rotation,
    RateLimitStage rates,
    CallSettlement settlement,
    CostLedger ledger,
    ContentCapture content,
    TimeProvider clock,
    IOptions<ForwardingOptions> options)
{
    // HTTP/1.1 costs less CPU than HTTP/2 for one call a connection, most of all for streams.
    private readonly ForwarderRequestConfig _config = new()
    {
        ActivityTimeout = options.Value.ActivityTimeout,
        Version = System.Net.HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
    };

    /// <summary>The sixth stage of the journey. A refusal is returned only while nothing of an answer has been sent.</summary>
    public async ValueTask<Refusal?> InvokeAsync(CallContext call)
    {
        var edits = BodyEdits.For(call);
        if (call.Caller is Caller.Byok own) return (await SendAsync(call, edits, own.Key, isLastKey: true, meter: null)).Refusal;

        var meter = call.Reservation is null ? null : new CallMeter(call, settlement, ledger);
        if (call.Routed is { Target.HasOwnAccess: true }) return (await SendAsync(call, edits, key: null, isLastKey: true, meter)).Refusal;
        var credentials = rotation.Order(call.Provider);
        Refusal? atLimit = null;
        for (var i = 0; i < credentials.Count; i++)
        {
            // A key that may do no more this minute is passed over; what is told in the end is the soonest wait of all.
            if (await rates.TakeAsync(call, credentials[i]) is { } full)
            {
                if (atLimit is null || full.RetryAfter < atLimit.RetryAfter) atLimit = full;
                continue;
            }
            // A body that streams through unread can be sent only once.
            var isLastKey = i == credentials.Count - 1 || (!call.Endpoint.IsMetered && HasBody(call.Http));
            var attempt = await SendAsync(call, edits, credentials[i].Key, isLastKey, meter);
            // A caller who leaves says nothing of the key.
            if (!call.CallerDisconnected)
                rotation.Note(credentials[i], attempt.Withheld ?? StatusOf(call), isRefused: attempt.Withheld is 401 or 403);
            if (attempt.Withheld is null || isLastKey) return attempt.Refusal;
        }
        if (atLimit is not null && call.Routed is not null) call.Outcome = new TargetOutcome.Answered(atLimit.Status);
        return atLimit ?? throw new InvalidOperationException("A provider without keys was let through.");
    }

    private async ValueTask<Attempt> SendAsync(CallContext call, List<BodyEdit> edits, string? key, bool isLastKey, CallMeter? meter)
    {
        var http = call.Http;
        var isConnected = false;
        if (call.Endpoint.IsMetered)
        {
            var body = new EditedBody(call.Body.Bytes, edits, () => (isConnected, call.ConnectedAfter) = (true, call.Elapsed));
            http.Request.Body = body;
            http.Request.ContentLength = body.Length;
        }
        UpstreamSpan.Start(call);
        content.Begin(call);
        using var sending = RouteSending.Begin(call, connections, clock);
        var transformer = new ProviderTransformer(call, key, isLastKey, meter, sending);
        var error = await forwarder.SendAsync(
            http, call.Provider.BaseUrl.AbsoluteUri, sending?.Client ?? clients.For(call.Provider), _config, transformer, sending?.Token ?? http.RequestAborted);
        if (transformer.Withheld is { } status)
        {
            UpstreamSpan.EndWithheld(call, status);
            http.Response.Clear();
            // What else is withheld from the caller is told by whoever is asked next.
            return new Attempt(status == StatusCodes.Status401Unauthorized ? Refusal.ProviderKeyRejected(call.Provider.Name) : null, status);
        }
        if (error != ForwarderError.None && sending is not null)
        {
            sending.Failed();
            if (sending.IsOver) error = ForwarderError.RequestTimedOut;
            // Whoever has not taken the body cannot have worked on it.
            if (!isConnected && call.Progress == UpstreamProgress.Sent) call.Progress = UpstreamProgress.NotSent;
        }
        return new Attempt(error == ForwarderError.None ? null : UpstreamFailure.Explain(call, error, http.GetForwarderErrorFeature()?.Exception), Withheld: null);
    }

    /// <summary>The provider's, where its answer was passed on.</summary>
    private static int? StatusOf(CallContext call) =>
        call.Progress is UpstreamProgress.Streaming or UpstreamProgress.Rejected ? call.Http.Response.StatusCode : null;

    /// <summary>Announced by its length or not: a chunked body has none.</summary>
    private static bool HasBody(HttpContext http) => http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };

    /// <summary>What became of a call with one key.</summary>
    /// <param name="Refusal">What to answer, where the provider's answer was not passed on.</param>
    /// <param name="Withheld">The provider's status, where another key may do better.</param>
    private readonly record struct Attempt(Refusal? Refusal, int? Withheld);
}
