using System.Net;
using System.Text;
using AiPipe.Proxy.Upstream.Unfinished;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AiPipe.Tests.Scenarios;

/// <summary>Callers that leave before the provider has told its usage pay what the provider bills.</summary>
public sealed class UnfinishedCallTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string ChatPath = "/openai/v1/chat/completions";
    private const string ResponsesPath = "/openai/v1/responses";

    /// <summary>The prices of o3: $2 and $8 per million tokens.</summary>
    private const decimal BilledByO3 = (1000 * 2m + 5000 * 8m) / 1_000_000;

    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _hasLeft = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData(ChatPath, """{"model":"o3","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData(ChatPath, """{"model":"gpt-5-mini","n":2,"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData(ChatPath, """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData(ResponsesPath, """{"model":"gpt-4o-mini","tools":[{"type":"web_search"}],"input":"Hi"}""")]
    public async Task Response_that_has_not_begun_is_read_without_its_caller(string path, string request)
    {
        Provider.Answer = async (http, _) =>
        {
            _arrived.SetResult();
            await _hasLeft.Task;
            await Answers.Json(http, path == ChatPath ? Answers.Chat(1000, 500)
                : """{"id":"resp_1","object":"response","status":"completed","output":[],"usage":{"input_tokens":1000,"output_tokens":500}}""");
        };
        await LeaveAsync(path, request, HttpCompletionOption.ResponseContentRead);

        var entry = await EntryAsync();
        Assert.Equal((499, false), (entry.Status, entry.Estimated));
        Assert.Contains("\"output\"", entry.Receipt, StringComparison.Ordinal);
        Assert.Equal(0m, await HeldAsync());
    }

    [Theory]
    [InlineData("after the first words")]
    [InlineData("after the finish reason")]
    public async Task Stream_of_a_reasoning_model_is_read_to_its_usage(string when)
    {
        Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("Hello"));
            if (when == "after the finish reason") await Answers.Event(http, Finished);
            _arrived.SetResult();
            await _hasLeft.Task;
            if (when == "after the first words") await Answers.Event(http, Finished);
            await Answers.Event(http, Answers.UsageChunk(1000, 5000));
            await Answers.Event(http, "[DONE]");
        };
        await LeaveAsync(ChatPath, Streamed("o3"), HttpCompletionOption.ResponseHeadersRead);

        var entry = await EntryAsync();
        Assert.Equal((499, false, BilledByO3), (entry.Status, entry.Estimated, entry.Cost));
    }

    [Fact]
    public async Task Compressed_stream_is_read_to_its_usage()
    {
        Provider.Answer = async (http, _) =>
        {
            (http.Response.ContentType, http.Response.Headers.ContentEncoding) = ("text/event-stream", "gzip");
            await using var gzip = new System.IO.Compression.GZipStream(http.Response.Body, System.IO.Compression.CompressionLevel.Fastest);
            await gzip.WriteAsync(Encoding.UTF8.GetBytes($"data: {Answers.Chunk("Hello")}\n\n"));
            await gzip.FlushAsync();
            _arrived.SetResult();
            await _hasLeft.Task;
            await gzip.WriteAsync(Encoding.UTF8.GetBytes($"data: {Answers.UsageChunk(1000, 5000)}\n\ndata: [DONE]\n\n"));
        };
        await LeaveAsync(ChatPath, Streamed("o3"), HttpCompletionOption.ResponseHeadersRead, readTo: "Hello");

        Assert.Equal((499, false, BilledByO3), (await EntryAsync()) is var entry ? (entry.Status, entry.Estimated, entry.Cost) : default);
    }

    [Fact]
    public async Task Call_that_never_reached_its_provider_costs_nothing()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        // It accepts the connection and never answers the handshake.
        await using var gateway = await Gateway.StartAsync(
            Database, settings => settings["AiPipe:Providers:openai:BaseUrl"] = $"https://{listener.LocalEndpoint}");
        gateway.User = $"{Guid.NewGuid():N}@example.com";
        using var leaving = new CancellationTokenSource();
        using var message = gateway.Post(ChatPath, Streamed("o3"));
        var call = gateway.Http.SendAsync(message, leaving.Token);
        using var connection = await listener.AcceptTcpClientAsync();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        await Eventually.TrueAsync(async () => await HeldAsync(gateway) == 0, "the call being ended");
        Assert.Equal(0m, await gateway.SpentAsync());
    }

    [Fact]
    public async Task Usage_that_follows_the_finish_reason_of_a_plain_stream_is_read()
    {
        Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("Hello"));
            await Answers.Event(http, Finished);
            _arrived.SetResult();
            await _hasLeft.Task;
            await Answers.Event(http, Answers.UsageChunk(1000, 500));
            await Answers.Event(http, "[DONE]");
        };
        await LeaveAsync(ChatPath, Streamed("gpt-4o-mini"), HttpCompletionOption.ResponseHeadersRead, readTo: "\"stop\"");

        Assert.Equal((499, false, 0.00045m), (await EntryAsync()) is var entry ? (entry.Status, entry.Estimated, entry.Cost) : default);
    }

    [Theory]
    [InlineData("o3", "breaks off")]
    [InlineData("o3", "ends without usage")]
    [InlineData("a-model-of-unknown-habits", "breaks off")]
    public async Task Call_whose_usage_never_arrives_is_charged_its_reservation(string model, string how)
    {
        Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("Hello"));
            _arrived.SetResult();
            await _hasLeft.Task;
            if (how == "breaks off") http.Abort();
        };
        if (model == "a-model-of-unknown-habits") await PriceAsync(model);
        var call = LeaveAsync(
            ChatPath, Streamed(model, maxTokens: 100), HttpCompletionOption.ResponseHeadersRead, beforeLeaving: HeldAsync);
        var reserved = await call;

        var entry = await EntryAsync();
        Assert.Equal((499, true, reserved), (entry.Status, entry.Estimated, entry.Cost));
        Assert.Contains("\"reservation\"", entry.Receipt, StringComparison.Ordinal);
        Assert.True(reserved > 0);
        Assert.Equal(0m, await HeldAsync());
    }

    [Fact]
    public async Task Error_that_arrives_without_its_caller_costs_nothing()
    {
        Provider.Answer = async (http, _) =>
        {
            _arrived.SetResult();
            await _hasLeft.Task;
            await Answers.Json(http, """{"error":{"message":"overloaded"}}""", 400);
        };
        await LeaveAsync(ChatPath, Streamed("o3"), HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal((499, false, 0m), (await EntryAsync()) is var entry ? (entry.Status, entry.Estimated, entry.Cost) : default);
    }

    [Theory]
    [InlineData("AiPipe:Providers:openai:OnCallerGone", "cancel")]
    [InlineData("AiPipe:Forwarding:MaxDetached", "0")]
    public async Task Call_that_is_not_read_on_is_cancelled_and_charged_its_reservation(string setting, string value)
    {
        await using var gateway = await Gateway.StartAsync(Database, settings => settings[setting] = value);
        gateway.User = $"{Guid.NewGuid():N}@example.com";
        AnswerEndlessly(gateway.Provider);
        var reserved = await LeaveAsync(gateway, Streamed("o3", maxTokens: 100));

        await _cancelled.Task.WaitAsync(Eventually.Limit);
        await Eventually.TrueAsync(async () => await gateway.SpentAsync() == reserved, "the reservation being charged");
    }

    [Fact]
    public async Task Call_is_not_read_longer_than_its_timeout()
    {
        var clock = new TestClock { RungByHand = TimeSpan.FromMinutes(7) };
        await using var gateway = await Gateway.StartAsync(
            Database, settings => settings["AiPipe:Forwarding:DetachedTimeout"] = "00:07:00", clock);
        gateway.User = $"{Guid.NewGuid():N}@example.com";
        AnswerEndlessly(gateway.Provider);
        var reserved = await LeaveAsync(gateway, Streamed("o3", maxTokens: 100));
        var unfinished = gateway.Services.GetRequiredService<UnfinishedCalls>();

        await Eventually.TrueAsync(() => clock.Ring() > 0, "the response being read without its caller");
        await _cancelled.Task.WaitAsync(Eventually.Limit);
        await Eventually.TrueAsync(async () => await gateway.SpentAsync() == reserved, "the reservation being charged");
        await Eventually.TrueAsync(() => unfinished.Count == 0, "no call being read on");
    }

    [Fact]
    public async Task Shutdown_waits_for_the_usage()
    {
        var gateway = await Gateway.StartAsync(Database);
        gateway.User = $"{Guid.NewGuid():N}@example.com";
        var mayTell = new TaskCompletionSource();
        gateway.Provider.Answer = async (http, _) =>
        {
            _arrived.SetResult();
            await mayTell.Task;
            await Answers.Json(http, Answers.Chat(1000, 5000));
        };
        await LeaveAsync(gateway, """{"model":"o3","messages":[{"role":"user","content":"Hi"}]}""");
        var unfinished = gateway.Services.GetRequiredService<UnfinishedCalls>();
        await Eventually.TrueAsync(() => unfinished.Count == 1, "the call being read on");

        var stopping = gateway.StopAsync();
        Assert.False(stopping.IsCompleted);
        mayTell.SetResult();
        await stopping.WaitAsync(Eventually.Limit);
        // In Postgres, without another start.
        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = source.CreateCommand("select cost from ledger_entries where user_name = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = gateway.User });
        Assert.Equal(BilledByO3, (decimal)(await command.ExecuteScalarAsync())!);
        await gateway.DisposeAsync();
    }

    private static string Finished =>
        Answers.Chunk("").Replace("\"finish_reason\":null", "\"finish_reason\":\"stop\"", StringComparison.Ordinal);

    private static string Streamed(string model, int? maxTokens = null) => $$"""
        {"model":"{{model}}",{{(maxTokens is null ? "" : $"\"max_completion_tokens\":{maxTokens},")}}"stream":true,"messages":[{"role":"user","content":"Hi"}]}
        """;

    private void AnswerEndlessly(FakeProvider provider) => provider.Answer = async (http, _) =>
    {
        http.RequestAborted.Register(() => _cancelled.TrySetResult());
        await Answers.BeginStream(http);
        await Answers.Event(http, Answers.Chunk("Hello"));
        _arrived.TrySetResult();
        await Task.Delay(Timeout.Infinite, http.RequestAborted);
    };

    private Task<decimal> LeaveAsync(
        string path, string request, HttpCompletionOption option, Func<Task<decimal>>? beforeLeaving = null, string? readTo = null) =>
        LeaveAsync(Gateway, path, request, option, beforeLeaving, readTo);

    private Task<decimal> LeaveAsync(Gateway gateway, string request) =>
        LeaveAsync(gateway, ChatPath, request, HttpCompletionOption.ResponseHeadersRead, () => HeldAsync(gateway));

    /// <summary>Calls, and leaves when the provider says so.</summary>
    /// <returns>What <paramref name="beforeLeaving"/> gave.</returns>
    private async Task<decimal> LeaveAsync(
        Gateway gateway, string path, string request, HttpCompletionOption option, Func<Task<decimal>>? beforeLeaving,
            string? readTo = null)
    {
        using var leaving = new CancellationTokenSource();
        using var message = gateway.Post(path, request);
        var call = gateway.Http.SendAsync(message, option, leaving.Token);
        await _arrived.Task.WaitAsync(Eventually.Limit);
        var seen = beforeLeaving is null ? 0 : await beforeLeaving();
        if (readTo is not null)
        {
            using var lines = new StreamReader(await (await call).Content.ReadAsStreamAsync());
            while (await lines.ReadLineAsync() is { } line && !line.Contains(readTo, StringComparison.Ordinal)) { }
        }
        await leaving.CancelAsync();
        try
        {
            (await call).Dispose();
        }
        catch (OperationCanceledException)
        {
            // It had no response yet.
        }
        // The gateway has noticed that the caller left.
        var unfinished = gateway.Services.GetRequiredService<UnfinishedCalls>();
        await Eventually.TrueAsync(
            async () => unfinished.Count > 0 || await HeldAsync(gateway) == 0, "the call being read without its caller, or ended");
        _hasLeft.SetResult();
        return seen;
    }

    private Task<decimal> HeldAsync() => HeldAsync(Gateway);

    private static async Task<decimal> HeldAsync(Gateway gateway) =>
        (await gateway.GetJsonAsync("/usage")).GetProperty("held").GetDecimal();

    private async Task<LedgerRow> EntryAsync()
    {
        List<LedgerRow> rows = [];
        await Eventually.TrueAsync(async () =>
        {
            await Gateway.FlushAsync();
            return (rows = await LedgerRowsAsync()).Count == 1;
        }, "one entry");
        return rows[0];
    }

    private async Task PriceAsync(string model)
    {
        using var request = Gateway.Post(
            "/admin/settings", $$"""{ "path": ["Prices", "openai", "{{model}}"], "value": { "Input": 1, "Output": 2 } }""",
            Gateway.Token("admin@example.com"));
        using var response = await Gateway.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
