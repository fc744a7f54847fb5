using System.Net.Sockets;
using System.Text;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>
/// What a stream or a long answer cost stands behind it: in trailers, and in a stream's last comment where clients skip comments.
/// </summary>
public sealed class CostTrailerTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Whole = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hi"}]}""";
    private const string Stream = """{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";
    private const string Comment = ": cost=0.00045 monthlyCost=0.00045 monthlyRequests=1\n\n";

    protected override void Configure(Dictionary<string, string?> settings) => settings.AddBudget("poor@example.com", 0.0001m, days: 1);

    [Fact]
    public async Task Stream_ends_with_a_comment_and_trailers()
    {
        Provider.Answer = static (http, _) => Answers.ChatStream(http, 1000, 500, "Hel", "lo");
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Stream));
        var text = await response.Content.ReadAsStringAsync();

        Assert.EndsWith("data: [DONE]\n\n" + Comment, text, StringComparison.Ordinal);
        Assert.Equal(text.IndexOf(": cost=", StringComparison.Ordinal), text.LastIndexOf(": cost=", StringComparison.Ordinal));
        Assert.Equal(("0.00045", "0.00045", "1"), Trailers(response));
        Assert.False(response.Headers.Contains("cost"));
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Comment_comes_with_the_last_event_though_the_provider_stays()
    {
        var mayEnd = new TaskCompletionSource();
        Provider.Answer = async (http, _) =>
        {
            await Answers.ChatStream(http, 1000, 500, "x");
            await mayEnd.Task;
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Stream), HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await lines.ReadLineAsync() is { } line && line + "\n\n" != Comment) { }
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
        mayEnd.SetResult();
        Assert.Equal("\n", await lines.ReadToEndAsync());
    }

    [Theory]
    [InlineData("data: [DONE]\n\n", "")]
    [InlineData("data: [DONE]\r\n\r\n", "")]
    [InlineData("data: [DONE]\n\n", ": bye\n\n")]
    [InlineData("data: [DONE]\n\n", "data: more\n\n")]
    public async Task Official_client_reads_on_over_the_comment(string end, string after)
    {
        Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("Hello"));
            await Answers.Event(http, Answers.UsageChunk(1000, 500));
            await http.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(end + after));
        };
        var (text, tokens) = (new StringBuilder(), 0);
        await foreach (var update in Gateway.OpenAi().GetChatClient("gpt-4o-mini").CompleteChatStreamingAsync("Hi"))
        {
            foreach (var part in update.ContentUpdate) text.Append(part.Text);
            tokens += update.Usage?.TotalTokenCount ?? 0;
        }
        Assert.Equal(("Hello", 1500), (text.ToString(), tokens));
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Stream_that_its_money_ends_has_the_comment_behind_its_last_words()
    {
        Provider.Answer = static async (http, _) =>
        {
            await Answers.BeginStream(http);
            while (!http.RequestAborted.IsCancellationRequested) await Answers.Event(http, Answers.Chunk("a word or two "));
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Stream, Gateway.Token("poor@example.com")));
        var text = await response.Content.ReadAsStringAsync();
        var cost = await Gateway.SpentAsync("poor@example.com");
        Assert.InRange(cost, 0.00002m, 0.0001m);
        Assert.EndsWith($"data: [DONE]\n\n: cost={cost} monthlyCost={cost} monthlyRequests=1\n\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?alt=sse", "data: {0}\r\n\r\n", "text/event-stream")]
    [InlineData("?alt=sse", "data: {0}\n\ndata: {0}\n\n", "text/event-stream")]
    [InlineData("", "[{0}]", "application/json")]
    [InlineData("", "[{0},\r\n{0}]", "application/json")]
    [InlineData("?alt=sse", "data: {0}\n", "text/event-stream")]
    public async Task Gemini_streams_have_trailers_and_no_comment(string query, string form, string type)
    {
        const string Event = """{"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":500}}""";
        var sent = form.Replace("{0}", Event, StringComparison.Ordinal);
        Provider.Answer = async (http, _) =>
        {
            http.Response.ContentType = type;
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(sent));
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/gemini/models/gemini-2.0-flash:streamGenerateContent" + query, """{"contents":[{"parts":[{"text":"Hi"}]}]}"""));
        Assert.Equal(sent, await response.Content.ReadAsStringAsync());
        Assert.Equal(("0.0003", "0.0003", "1"), Trailers(response));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Long_answer_goes_on_as_it_comes_and_tells_in_trailers(bool announced)
    {
        var sent = Answers.Chat(1000, 500).Replace("Hello", new string('x', 400_000), StringComparison.Ordinal);
        Provider.Answer = announced ? (http, _) => Answers.Json(http, sent) : async (http, _) =>
        {
            http.Response.ContentType = "application/json";
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(sent));
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Whole));
        Assert.Equal(sent, await response.Content.ReadAsStringAsync());
        Assert.Equal(("0.00045", "0.00045", "1"), Trailers(response));
        Assert.False(response.Headers.Contains("cost"));
    }

    [Theory]
    [InlineData("HTTP/1.0", Whole, false)]
    [InlineData("HTTP/1.0", Stream, false)]
    [InlineData("HTTP/1.1", Whole, false)]
    [InlineData("HTTP/1.1", Stream, true)]
    public async Task Old_and_simple_clients_get_their_answer(string protocol, string request, bool trailers)
    {
        var isStream = request == Stream;
        if (isStream) Provider.Answer = static (http, _) => Answers.ChatStream(http, 1000, 500, "Hello");
        var (head, body) = await TalkAsync(protocol, request);

        Assert.StartsWith("HTTP/1.1 200 OK", head, StringComparison.Ordinal);
        Assert.Equal(isStream,
            !head.Contains("\r\ncost: 0.00045\r\nmonthlyCost: 0.00045\r\nmonthlyRequests: 1\r\n", StringComparison.Ordinal));
        Assert.Equal(trailers, head.Contains("\r\nTrailer: cost, monthlyCost, monthlyRequests\r\n", StringComparison.Ordinal));
        if (!isStream) Assert.Equal(Answers.Chat(1000, 500), body);
        else if (protocol == "HTTP/1.0") Assert.EndsWith("data: [DONE]\n\n" + Comment, body, StringComparison.Ordinal);
        else Assert.EndsWith(
            Comment + "\r\n0\r\ncost: 0.00045\r\nmonthlyCost: 0.00045\r\nmonthlyRequests: 1\r\n\r\n", body, StringComparison.Ordinal);
    }

    /// <summary>Speaks for itself, and reads until the server hangs up.</summary>
    private async Task<(string Head, string Body)> TalkAsync(string protocol, string json)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", new Uri(Gateway.Address).Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {Chat} {protocol}\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {Gateway.Token()}\r\nContent-Type: "
                + $"application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}"));
        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return (text[..(end + 2)], text[(end + 4)..]);
    }

    private static (string, string, string) Trailers(HttpResponseMessage response) => (
        response.TrailingHeaders.GetValues("cost").Single(), response.TrailingHeaders.GetValues("monthlyCost")
            .Single(), response.TrailingHeaders.GetValues("monthlyRequests").Single());
}
