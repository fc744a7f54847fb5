using System.Diagnostics;
using System.Globalization;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.ServiceDefaults;

namespace AiPipe.Proxy.Calls.Telemetry;

/// <summary>
/// The client span of an upstream call, one per key or target tried. Attributes follow OpenTelemetry's GenAI conventions
/// (https://github.com/open-telemetry/semantic-conventions-genai); others begin with <c>aipipe.</c>.
/// </summary>
internal static class UpstreamSpan
{
    private const string StatusCode = "http.response.status_code";

    public static void Start(CallContext call)
    {
        if (!AiPipeTelemetry.Source.HasListeners()) return;
        var model = call.Body.Model;
        var name = model.Length > 0 ? $"{call.Endpoint.Operation} {model}" : call.Endpoint.Operation;
        call.Span = AiPipeTelemetry.Source.StartActivity(name, ActivityKind.Client);
        if (call.Span is not { IsAllDataRequested: true } span) return;
        span.SetTag("gen_ai.operation.name", call.Endpoint.Operation);
        span.SetTag("gen_ai.provider.name", call.Provider.TelemetryName);
        // A built-in provider's address is used only for routing.
        if (!call.Provider.IsBuiltIn)
        {
            span.SetTag("server.address", call.Provider.BaseUrl.Host);
            span.SetTag("server.port", call.Provider.BaseUrl.Port);
        }
        if (call.Caller is Caller.User user) span.SetTag("aipipe.user", HashedUser.FromEmail(user.Email));
        if (!call.Endpoint.IsMetered) return;
        span.SetTag("gen_ai.request.model", model);
        span.SetTag("gen_ai.request.stream", call.Body.Streams);
        span.SetTag("gen_ai.request.max_tokens", call.Reservation?.Limit.OutputLimit ?? call.Body.OutputLimit);
    }

    /// <summary>Ends the span of an attempt whose response is not returned to the caller, because another key is tried.</summary>
    public static void EndWithheld(CallContext call, int status)
    {
        if (call.Span is not { } span) return;
        SetStatus(call, span, status);
        call.Span = null;
        span.Dispose();
    }

    public static void Settled(CallContext call, LedgerEntry entry)
    {
        if (call.Span is not { IsAllDataRequested: true } span) return;
        var facts = call.UsageReader?.Facts ?? default;
        // Attributes have no decimal type, so this cost is approximate; the ledger has the exact cost.
        span.SetTag("aipipe.cost.usd", (double)entry.Cost.ToUsd());
        span.SetTag("aipipe.cost.estimated", entry.Estimated);
        span.SetTag("gen_ai.response.id", facts.Id);
        span.SetTag("gen_ai.response.model", facts.Model);
        if (facts.FinishReason is { } reason) span.SetTag("gen_ai.response.finish_reasons", new[] { reason });
        if (call.Body.Streams) span.SetTag("gen_ai.response.time_to_first_chunk", call.FirstByteAfter?.TotalSeconds);
        span.SetTag("gen_ai.usage.input_tokens", entry.Usage?.Input);
        span.SetTag("gen_ai.usage.output_tokens", entry.Usage?.Output);
        span.SetTag("gen_ai.usage.cache_read.input_tokens", entry.Usage?.CacheRead);
        span.SetTag("gen_ai.usage.cache_creation.input_tokens", entry.Usage?.CacheWrite);
        span.SetTag("gen_ai.usage.reasoning.output_tokens", entry.Usage?.Reasoning);
        if (entry.Status is { } status) SetStatus(call, span, status);
    }

    public static void End(CallContext call)
    {
        if (call.Span is not { } span) return;
        if (call.Reservation is null) SetStatus(call, span, call.Refusal?.Status ?? call.Http.Response.StatusCode);
        span.Dispose();
    }

    /// <summary>The code of a refusal, otherwise the HTTP status; <c>null</c> if the call succeeded or the caller disconnected.</summary>
    public static string? ErrorOf(CallContext call, int? status)
    {
        if (call.CallerDisconnected) return null;
        return (call.Refusal ?? call.Failure)?.Code ?? (status is >= 400 ? status.Value.ToString(CultureInfo.InvariantCulture) : null);
    }

    private static void SetStatus(CallContext call, Activity span, int status)
    {
        if (call.CallerDisconnected)
        {
            span.MarkCallerDisconnected();
            // The status that the caller received before it disconnected.
            if (call.Detached is null && call.Http.Response.HasStarted) span.SetTag(StatusCode, call.Http.Response.StatusCode);
            return;
        }
        span.SetTag(StatusCode, status);
        if (ErrorOf(call, status) is { } type) span.Fail(type);
    }
}
