using System.Collections.Concurrent;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AiPipe.Tests.Fixtures.Otlp;

/// <summary>
/// An OpenTelemetry collector on 127.0.0.1: receives traces, metrics and logs over HTTP/protobuf and keeps them decoded.
/// Point a process at it with <see cref="Environment"/>.
/// </summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    /// <summary>Of those that arrive every half second, so many are kept.</summary>
    private const int MetricExports = 20;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentQueue<(byte[] Body, IReadOnlyList<ReceivedPoint> Points)> _metrics = new();
    private readonly ConcurrentQueue<ReceivedLog> _logs = new();
    private readonly ConcurrentQueue<byte[]> _bodies = new();
    private TaskCompletionSource _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary><c>http://127.0.0.1:port</c>.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>Everything received so far, in order of arrival.</summary>
    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];
    /// <summary>
    /// The data points of the last exports, in order of arrival: the last one of a series is its current value. Series are cumulative, so
    /// every export has all that were in one before.
    /// </summary>
    public IReadOnlyList<ReceivedPoint> Points => [.. _metrics.SelectMany(static export => export.Points)];
    public IReadOnlyList<ReceivedLog> Logs => [.. _logs];

    /// <summary>The bodies of all requests, of metrics the last ones: for tests of what must not be in any of them.</summary>
    public IEnumerable<byte[]> Bodies => [.. _bodies, .. _metrics.Select(static export => export.Body)];

    /// <summary>
    /// Settings or environment variables of a process that exports here. Batches leave within a second; the sampler and what is not
    /// redacted are as Aspire sets them in Development.
    /// </summary>
    public Dictionary<string, string> Environment => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        ["OTEL_TRACES_SAMPLER"] = "always_on",
        ["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true",
        ["OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"] = "true",
    };

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var receiver = new OtlpReceiver(builder.Build());
        receiver._app.MapPost("/v1/{signal}", receiver.ReceiveAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until what was received satisfies a condition.</summary>
    /// <exception cref="TimeoutException">It does not within <see cref="Eventually.Limit"/>; names the spans received.</exception>
    public async Task WaitUntilAsync(Func<OtlpReceiver, bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        while (true)
        {
            var arrival = Volatile.Read(ref _arrival).Task;
            if (condition(this)) return;
            try
            {
                await arrival.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException exception)
            {
                var names = string.Join(", ", _spans.Select(span => span.Name).Distinct());
                throw new TimeoutException(
                    $"Not received: {what}. Spans received: {names}; {Points.Count} metric points, {_logs.Count} logs.", exception);
            }
        }
    }

    /// <summary>Waits for a span and returns the first that matches.</summary>
    public async Task<ReceivedSpan> SpanAsync(Func<ReceivedSpan, bool> matches, string what)
    {
        await WaitUntilAsync(receiver => receiver._spans.Any(matches), what);
        return _spans.First(matches);
    }

    /// <summary>The spans of one trace received so far, in order of their start.</summary>
    public IReadOnlyList<ReceivedSpan> TraceOf(string traceId) =>
        [.. _spans.Where(span => span.TraceId == traceId).OrderBy(span => span.StartedAt)];

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task<IResult> ReceiveAsync(HttpRequest request, string signal)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer);
        var body = buffer.ToArray();
        if (signal != "metrics") _bodies.Enqueue(body);
        switch (signal)
        {
            case "traces": foreach (var span in OtlpMessages.ReadSpans(body)) _spans.Enqueue(span); break;
            case "metrics":
                _metrics.Enqueue((body, [.. OtlpMessages.ReadPoints(body)]));
                while (_metrics.Count > MetricExports) _metrics.TryDequeue(out _);
                break;
            case "logs": foreach (var log in OtlpMessages.ReadLogs(body)) _logs.Enqueue(log); break;
            default: return Results.NotFound();
        }
        Interlocked.Exchange(ref _arrival, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        // An empty Export…ServiceResponse: everything was accepted.
        return Results.Bytes([], "application/x-protobuf");
    }
}
