using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Calls.Redaction;
using AiPipe.Proxy.Calls.Telemetry;
using AiPipe.Proxy.Calls.Telemetry.Content;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Upstream.Routes;
using AiPipe.Proxy.Upstream.Unfinished;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace AiPipe.Proxy.Upstream;

/// <summary>Sends a call to its provider, trying one key after the other, and returns the response.</summary>
internal sealed class UpstreamInvoker(
    IHttpForwarder forwarder,
    UpstreamClients clients,
    RouteConnections connections,
    ProviderCatalog providers,
    CredentialRotation rotation,
    StreamUsageSupport streamUsage,
    RateLimitStage rates,
    CallSettlement settlement,
    CostLedger ledger,
    ContentCapture content,
    UnfinishedCalls unfinished,
    TimeProvider clock,
    IOptions<ForwardingOptions> options)
{
    // With one call per connection, HTTP/1.1 uses less CPU than HTTP/2, most of all for streams.
    private readonly ForwarderRequestConfig _config = new()
    {
        ActivityTimeout = options.Value.ActivityTimeout,
        Version = System.Net.HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
    };

    /// <summary>Returns a refusal only if no response has started.</summary>
    public async ValueTask<Refusal?> InvokeAsync(CallContext call)
    {
        if (call.Caller is Caller.Byok own) return (await SendAsync(call, own.Key, isLastKey: true, meter: null)).Refusal;

        call.Redaction = CallRedaction.Create(call, providers);
        var meter = call is { Reservation: not null, Endpoint.Api: { } api } ? new CallMeter(call, api, settlement, ledger) : null;
        if (call.Routed is { Target.HasOwnAccess: true }) return (await SendAsync(call, key: null, isLastKey: true, meter)).Refusal;
        var credentials = rotation.Order(call.Provider);
        Refusal? atLimit = null;
        for (var i = 0; i < credentials.Count; i++)
        {
            // Skips a key that has reached its rate limit; if all have, the refusal has the shortest wait.
            if (await rates.TakeAsync(call, credentials[i]) is { } full)
            {
                if (atLimit is null || full.RetryAfter < atLimit.RetryAfter) atLimit = full;
                continue;
            }
            // A streamed body can be sent only once.
            var isLastKey = i == credentials.Count - 1 || (!call.Endpoint.IsMetered && HasBody(call.Http));
            var attempt = await SendAsync(call, credentials[i].Key, isLastKey, meter);
            // A caller's disconnect reveals nothing about the key.
            if (!call.CallerDisconnected)
                rotation.Note(credentials[i], new KeyOutcome(attempt.Withheld ?? StatusOf(call),
                    IsRejected: attempt.Withheld is 401 or 403 || call.Redaction.TakeFoundKey(), attempt.RetryAfter));
            if (isLastKey || !attempt.MayTryNextKey) return attempt.Refusal;
            call.Failure = null;
        }
        if (atLimit is not null && call.Routed is not null) call.Outcome = new TargetOutcome.Answered(atLimit.Status);
        return atLimit ?? throw new InvalidOperationException("A provider without keys was let through.");
    }

    /// <summary>Sends the call; once more without the request for usage if the provider rejects that.</summary>
    private async ValueTask<Attempt> SendAsync(CallContext call, string? key, bool isLastKey, CallMeter? meter)
    {
        var edits = BodyEdits.For(call, mayRequestUsage: !streamUsage.IsRejectedBy(call.Provider));
        var attempt = await SendAsync(call, edits, key, isLastKey, meter);
        if (!attempt.RejectsUsage) return attempt;
        streamUsage.Reject(call.Provider);
        return await SendAsync(call, BodyEdits.For(call, mayRequestUsage: false), key, isLastKey, meter);
    }

    private async ValueTask<Attempt> SendAsync(CallContext call, List<BodyEdit> edits, string? key, bool isLastKey, CallMeter? meter)
    {
        var http = call.Http;
        EditedBody? body = null;
        if (call.Endpoint.IsMetered)
        {
            body = new EditedBody(call.Body.Bytes, edits, () => call.ConnectedAfter = call.Elapsed);
            http.Request.Body = body;
            http.Request.ContentLength = body.Length;
        }
        UpstreamSpan.Start(call);
        content.Begin(call);
        using var sending = RouteSending.Begin(call, connections, clock);
        var client = sending?.Client ?? clients.For(call.Provider);
        var metered = meter is null ? null : new MeteredExchange(call, meter, client);
        var transformer = new ProviderTransformer(call, key, isLastKey, metered, sending, clock);
        using var deadline = new CancellationTokenSource(options.Value.ResponseTimeout, clock);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, sending?.Token ?? http.RequestAborted);
        ForwarderError error;
        try
        {
            error = await forwarder.SendAsync(
                http, call.Provider.BaseUrl.AbsoluteUri, metered?.Exchange ?? client, _config, transformer, over.Token);
            if (error != ForwarderError.None && deadline.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
                error = ForwarderError.RequestTimedOut;
        }
        catch
        {
            metered?.Dispose();
            throw;
        }
        // A provider that has not received the whole body cannot have processed the call.
        if (body is { WasRead: false } && call.Progress == UpstreamProgress.Sent) call.Progress = UpstreamProgress.NotSent;
        var attempt = Explain(call, error, transformer, sending);
        if (metered is not null) unfinished.Leave(call, metered);
        return attempt;
    }

    private static Attempt Explain(
        CallContext call, ForwarderError error, ProviderTransformer transformer, RouteSending? sending)
    {
        var http = call.Http;
        if (transformer.UnknownCoding is { } coding)
        {
            sending?.Failed();
            http.Response.Clear();
            return new Attempt(call.Failure = Refusal.UpstreamUnreadable(call.Provider.Name, coding), Withheld: null);
        }
        if (transformer.Withheld is { } status)
        {
            UpstreamSpan.EndWithheld(call, status);
            http.Response.Clear();
            // For other withheld responses, the fallback target responds.
            return new Attempt(status == StatusCodes.Status401Unauthorized ? Refusal.ProviderKeyRejected(call.Provider.Name)
                : ProviderTransformer.IsRedirect(status) ? Refusal.UpstreamRedirected(call.Provider.Name) : null, status,
                transformer.RejectsUsage)
            {
                RetryAfter = transformer.RetryAfter,
                MayTryNextKey = !ProviderTransformer.IsRedirect(status),
            };
        }
        if (error != ForwarderError.None && sending is not null)
        {
            sending.Failed();
            if (sending.IsOver) error = ForwarderError.RequestTimedOut;
        }
        if (error == ForwarderError.None) return new Attempt(Refusal: null, Withheld: null) { RetryAfter = transformer.RetryAfter };
        var refusal = UpstreamFailure.Explain(call, error, http.GetForwarderErrorFeature()?.Exception);
        // Another connection may succeed. A provider that may have processed the call is not sent it again.
        return new Attempt(refusal, Withheld: null) { MayTryNextKey = refusal is not null && call.Progress == UpstreamProgress.NotSent };
    }

    private static int? StatusOf(CallContext call) =>
        call.Progress is UpstreamProgress.Streaming or UpstreamProgress.Rejected ? call.Http.Response.StatusCode : null;

    /// <summary>Also true for a chunked body, which has no length.</summary>
    private static bool HasBody(HttpContext http) => http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };

    private readonly record struct Attempt(Refusal? Refusal, int? Withheld, bool RejectsUsage = false)
    {
        public TimeSpan? RetryAfter { get; init; }
        public bool MayTryNextKey { get; init; }
    }
}
