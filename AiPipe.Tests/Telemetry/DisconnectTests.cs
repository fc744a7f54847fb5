using System.Diagnostics;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Fixtures.Otlp;

namespace AiPipe.Tests.Telemetry;

/// <summary>The spans of calls whose caller or provider closes the connection early.</summary>
[Collection(nameof(ObservedGateway))]
public sealed class DisconnectTests(ObservedGateway gateway)
{
    private const string Chat = """{"model":"gpt-4o-mini","stream":true,"max_tokens":700,"messages":[{"role":"user","content":"Hi"}]}""";
    private const string Disconnected = "aipipe.caller.disconnected";
    private const string CallersKey = "sk-of-the-caller";

    /// <summary>The caller sends the trace id, because one who disconnects before the response does not receive it.</summary>
    private readonly string _trace = ActivityTraceId.CreateRandom().ToHexString();

    [Theory]
    [InlineData(null)]
    [InlineData(CallersKey)]
    public async Task Disconnect_of_the_caller_before_the_response_is_not_an_error(string? key)
    {
        using var leave = new CancellationTokenSource();
        gateway.Provider.Answer = async (http, _) =>
        {
            await leave.CancelAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gateway.Http.SendAsync(Request(key), leave.Token));

        var (server, upstream) = await SpansAsync();
        IsDisconnect(server, status: 499);
        IsDisconnect(upstream, status: null);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(CallersKey)]
    public async Task Disconnect_of_the_caller_during_the_response_is_not_an_error(string? key)
    {
        gateway.Provider.Answer = static async (http, _) =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("Hel"));
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        await ReadFirstLineAsync(key);

        var (server, upstream) = await SpansAsync();
        IsDisconnect(server, status: 200);
        IsDisconnect(upstream, status: 200);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(CallersKey)]
    public async Task Disconnect_of_the_provider_during_the_response_is_an_error(string? key)
    {
        var received = new TaskCompletionSource();
        gateway.Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("Hel"));
            await received.Task;
            http.Abort();
        };
        await ReadFirstLineAsync(key, async rest =>
        {
            received.SetResult();
            await Assert.ThrowsAnyAsync<IOException>(() => rest.ReadToEndAsync());
        });

        var (server, upstream) = await SpansAsync();
        foreach (var span in (ReceivedSpan[])[server, upstream])
        {
            Assert.Equal((true, "upstream_broken"), (span.IsError, span["error.type"]));
            Assert.Equal((200L, null), (span["http.response.status_code"], span[Disconnected]));
        }
    }

    private string Parent => $"00-{_trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01";

    private static void IsDisconnect(ReceivedSpan span, long? status)
    {
        Assert.Equal((false, null, true), (span.IsError, span["error.type"], span[Disconnected]));
        Assert.Equal(status, span["http.response.status_code"]);
    }

    private async Task<(ReceivedSpan Server, ReceivedSpan Upstream)> SpansAsync() => (
        await ServerAsync(),
        await gateway.Collector.SpanAsync(span => span.TraceId == _trace && span["gen_ai.provider.name"] is not null, "the upstream call"));

    private Task<ReceivedSpan> ServerAsync() =>
        gateway.Collector.SpanAsync(span => span.TraceId == _trace && span.Kind == ActivityKind.Server, "the server span");

    /// <summary>Reads the first line of a response, calls <paramref name="then"/> with the rest, and closes the connection.</summary>
    private async Task ReadFirstLineAsync(string? key, Func<StreamReader, Task>? then = null)
    {
        using var response = await gateway.Http.SendAsync(Request(key), HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        await lines.ReadLineAsync();
        if (then is not null) await then(lines);
    }

    private HttpRequestMessage Request(string? key)
    {
        var request = GatewayProcess.Post("dora@example.com", Chat);
        request.Headers.Add("traceparent", Parent);
        if (key is not null) request.Headers.Authorization = new("Bearer", key);
        return request;
    }
}
