using System.Diagnostics;
using System.Diagnostics.Metrics;
using AiPipe.Proxy.Journey;
using AiPipe.Proxy.Journey.Authentication;
using AiPipe.Proxy.Journey.Recording;

namespace AiPipe.Proxy.Telemetry;

/// <summary>
/// A client span and metrics for each upstream call, by OpenTelemetry's GenAI conventions
/// (https://opentelemetry.io/docs/specs/semconv/gen-ai/), and <c>aipipe.cost.usd</c>, for which they have no name. Prompts stay out.
/// </summary>
internal static class UpstreamTelemetry
{
    private static readonly Histogram<double> Duration =
        AiPipeTelemetry.Meter.CreateHistogram<double>("gen_ai.client.operation.duration", "s", "Time from sending a call to its end.");
    private static readonly Histogram<double> FirstChunk =
        AiPipeTelemetry.Meter.CreateHistogram<double>("gen_ai.client.operation.time_to_first_chunk", "s", "Time until an answer began.");
    private static readonly Histogram<long> Tokens =
        AiPipeTelemetry.Meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "Tokens of a call.");
    private static readonly Counter<long> Cost =
        AiPipeTelemetry.Meter.CreateCounter<long>("aipipe.cost", "{pUSD}", "What calls cost, in pico-USD (10⁻¹² USD).");

    /// <summary>Begins the span of an upstream call, ending that of an earlier attempt. It ends when the call is settled.</summary>
    public static void Start(GatewayCall call)
    {
        call.Span?.Dispose();
        call.Span = null;
        if (!AiPipeTelemetry.Source.HasListeners()) return;
        var model = call.Body.Model;
        var span = AiPipeTelemetry.Source.StartActivity(model.Length > 0 ? $"{call.Endpoint.Operation} {model}" : call.Endpoint.Operation, ActivityKind.Client);
        call.Span = span;
        if (span is not { IsAllDataRequested: true }) return;
        span.SetTag("gen_ai.operation.name", call.Endpoint.Operation);
        span.SetTag("gen_ai.provider.name", call.Provider.TelemetryName);
        span.SetTag("server.address", call.Provider.BaseUrl.Host);
        span.SetTag("server.port", call.Provider.BaseUrl.Port);
        if (call.Caller is Caller.User user) span.SetTag("aipipe.user", HashedUser.Of(user.Email));
        if (!call.Endpoint.IsMetered) return;
        span.SetTag("gen_ai.request.model", model);
        span.SetTag("gen_ai.request.stream", call.Body.Streams);
        span.SetTag("gen_ai.request.max_tokens", call.Reservation?.Hold.OutputLimit ?? call.Body.OutputLimit);
    }

    /// <summary>Says what a settled call used and cost.</summary>
    public static void Settled(GatewayCall call, LedgerEntry entry)
    {
        var facts = call.UsageReader?.Facts ?? default;
        if (call.Span is { IsAllDataRequested: true } span)
        {
            // For reading only: attributes have no decimals, the exact cost stands in the ledger.
            span.SetTag("aipipe.cost.usd", (double)entry.Cost.ToUsd());
            span.SetTag("aipipe.cost.estimated", entry.Estimated);
            span.SetTag("http.response.status_code", entry.Status);
            span.SetTag("gen_ai.response.id", facts.Id);
            span.SetTag("gen_ai.response.model", facts.Model);
            if (facts.FinishReason is { } reason) span.SetTag("gen_ai.response.finish_reasons", new[] { reason });
            span.SetTag("gen_ai.response.time_to_first_chunk", call.FirstByteAfter?.TotalSeconds);
            span.SetTag("gen_ai.usage.input_tokens", entry.Usage?.Input);
            span.SetTag("gen_ai.usage.output_tokens", entry.Usage?.Output);
            span.SetTag("gen_ai.usage.cache_read.input_tokens", entry.Usage?.CacheRead);
            span.SetTag("gen_ai.usage.cache_creation.input_tokens", entry.Usage?.CacheWrite);
            span.SetTag("gen_ai.usage.reasoning.output_tokens", entry.Usage?.Reasoning);
            if (entry.Status is >= 400) span.SetStatus(ActivityStatusCode.Error);
        }

        var tags = new TagList
        {
            { "gen_ai.operation.name", call.Endpoint.Operation },
            { "gen_ai.provider.name", call.Provider.TelemetryName },
            { "gen_ai.request.model", call.Body.Model },
        };
        Duration.Record(call.Elapsed.TotalSeconds, tags);
        Cost.Add(entry.Cost.Value, tags);
        if (call.FirstByteAfter is { } first) FirstChunk.Record(first.TotalSeconds, tags);
        RecordTokens("input", entry.Usage?.Input, tags);
        RecordTokens("output", entry.Usage?.Output, tags);
    }

    private static void RecordTokens(string type, long? count, TagList tags)
    {
        if (count is not { } tokens) return;
        tags.Add("gen_ai.token.type", type);
        Tokens.Record(tokens, tags);
    }
}
