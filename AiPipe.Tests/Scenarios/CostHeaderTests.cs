using System.IO.Compression;
using System.Net;
using System.Text;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>AI Proxy's headers on answers that come whole: what the call cost, and what its caller has spent this month.</summary>
public sealed class CostHeaderTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Hi = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hi"}]}""";

    protected override void Configure(Dictionary<string, string?> settings) => settings.AddBudget("poor@example.com", 0, days: 1);

    [Fact]
    public async Task Every_answer_tells_its_cost_and_the_months()
    {
        for (var call = 1; call <= 3; call++)
        {
            using var response = await CallAsync();
            Assert.Equal(("0.00045", $"{0.00045m * call:0.#####}", $"{call}"), Told(response));
            Assert.Equal(Answers.Chat(1000, 500), await response.Content.ReadAsStringAsync());
            Assert.Equal(0.00045m * call, await Gateway.SpentAsync());
        }
        using var other = await CallAsync("bob@example.com");
        Assert.Equal(("0.00045", "0.00045", "1"), Told(other));
    }

    [Fact]
    public async Task App_hears_of_its_call_and_not_of_the_persons_month()
    {
        var granted = await Gateway.GrantAsync(new { redirect = "https://app.example/" });
        using var request = Gateway.Post(Chat, Hi, granted.Text("token"));
        request.Headers.Add("Origin", "https://app.example");
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal("0.00045", Assert.Single(response.Headers.GetValues("cost")));
        Assert.False(response.Headers.Contains("monthlyCost") || response.Headers.Contains("monthlyRequests"));
        using var own = await CallAsync();
        Assert.Equal(("0.00045", "0.0009", "2"), Told(own));
    }

    [Fact]
    public async Task Answer_that_comes_in_pieces_and_without_a_length_is_held_until_its_cost_is_known()
    {
        var text = Answers.Chat(1, 1);
        Provider.Answer = async (http, _) =>
        {
            http.Response.ContentType = "application/json";
            foreach (var piece in text.Chunk(50))
            {
                await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(piece));
                await http.Response.Body.FlushAsync();
            }
        };
        using var response = await CallAsync();
        // Two tokens: 0.75 millionths of a dollar, without an exponent.
        Assert.Equal(("0.00000075", "0.00000075", "1"), Told(response));
        Assert.Equal(text, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_a_provider_says_under_these_names_does_not_pass()
    {
        Provider.Answer = async (http, _) =>
        {
            (http.Response.Headers["Cost"], http.Response.Headers["MONTHLYCOST"], http.Response.Headers["monthlyRequests"]) =
                ("99", "99", "99");
            (http.Response.Headers.TransferEncoding, http.Response.Headers.Trailer, http.Response.ContentType) =
                ("chunked", "cost", "application/json");
            var text = Answers.Chat(1000, 500);
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"{text.Length:x}\r\n{text}\r\n0\r\ncost: 99\r\n\r\n"));
        };
        using var response = await CallAsync();
        await response.Content.ReadAsStringAsync();
        Assert.Equal(("0.00045", "0.00045", "1"), Told(response));
        Assert.Empty(response.TrailingHeaders);

        using var models = new HttpRequestMessage(HttpMethod.Get, "/openai/v1/models");
        models.Headers.Authorization = new("Bearer", Gateway.Token());
        using var free = await Gateway.Http.SendAsync(models);
        await free.Content.ReadAsStringAsync();
        Assert.False(free.Headers.Contains("cost"));
        Assert.Empty(free.TrailingHeaders);
    }

    [Fact]
    public async Task Compressed_answer_tells_its_cost()
    {
        Provider.Answer = async (http, _) =>
        {
            using var body = new MemoryStream();
            await using (var gzip = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true)) await gzip.WriteAsync(
                Encoding.UTF8.GetBytes(Answers.Chat(1000, 500)));
            (http.Response.ContentType, http.Response.Headers.ContentEncoding, http.Response.ContentLength) =
                ("application/json", "gzip", body.Length);
            await http.Response.Body.WriteAsync(body.ToArray());
        };
        using var response = await CallAsync();
        Assert.Equal(("0.00045", "0.00045", "1"), Told(response));
        Assert.Equal(Answers.Chat(1000, 500), await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Error_of_the_provider_costs_nothing_and_says_so()
    {
        await CallAsync();
        Provider.Answer = static (http, _) => Answers.Json(http, """{"error":{"message":"no"}}""", 400);
        using var response = await CallAsync();

        Assert.Equal((HttpStatusCode.BadRequest, """{"error":{"message":"no"}}"""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(("0", "0.00045", "2"), Told(response));
        await Gateway.FlushAsync();
        Assert.Equal([(0m, 400), (0.00045m, 200)], (await LedgerRowsAsync()).Select(row => (row.Cost, row.Status!.Value)).Order());
    }

    [Fact]
    public async Task Answer_without_a_body_tells_what_is_charged()
    {
        Provider.Answer = static (http, _) =>
        {
            http.Response.StatusCode = 204;
            return Task.CompletedTask;
        };
        using var response = await CallAsync();
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal($"{await Gateway.SpentAsync()}", Told(response).Cost);
    }

    [Fact]
    public async Task What_is_refused_before_it_is_metered_tells_no_cost()
    {
        using var response = await CallAsync("poor@example.com");
        Assert.Equal((HttpStatusCode.TooManyRequests, "budget_spent"), (response.StatusCode, await response.CodeAsync()));
        Assert.False(response.Headers.Contains("cost"));
    }

    [Fact]
    public async Task Answer_that_ends_early_is_refused_whole_and_tells_what_was_charged()
    {
        Provider.Answer = async (http, _) =>
        {
            (http.Response.ContentType, http.Response.ContentLength) = ("application/json", 1000);
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(Answers.Chat(1000, 500)[..120]));
            await http.Response.Body.FlushAsync();
            http.Abort();
        };
        using var response = await CallAsync();
        Assert.Equal((HttpStatusCode.BadGateway, "upstream_broken"), (response.StatusCode, await response.CodeAsync()));
        await Gateway.FlushAsync();
        var row = Assert.Single(await LedgerRowsAsync());
        Assert.Equal((502, true), (row.Status, row.Estimated));
        Assert.True(row.Cost > 0);
        Assert.Equal(($"{row.Cost}", $"{row.Cost}", "1"), Told(response));
    }

    [Fact]
    public async Task Caller_who_leaves_while_a_response_is_buffered_is_charged_what_it_reports()
    {
        var (begun, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        Provider.Answer = async (http, _) =>
        {
            http.Response.ContentType = "application/json";
            await http.Response.Body.WriteAsync("""{"id":"chatcmpl-1","choices":[{"message":{"content":"Hello"""u8.ToArray());
            await http.Response.Body.FlushAsync();
            begun.SetResult();
            await left.Task;
            await http.Response.Body.WriteAsync(
                Encoding.UTF8.GetBytes("\"},\"finish_reason\":\"stop\"}],\"usage\":" + Answers.Usage(1000, 500) + "}"));
        };
        using var leave = new CancellationTokenSource();
        var call = Gateway.Http.SendAsync(Gateway.Post(Chat, Hi), leave.Token);
        await begun.Task;
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Gateway.DetachedAsync();
        left.SetResult();

        await Eventually.TrueAsync(
            async () => (await Gateway.GetJsonAsync("/usage")).GetProperty("held").GetDecimal() == 0, "the call being settled");
        await Gateway.FlushAsync();
        var row = Assert.Single(await LedgerRowsAsync());
        Assert.Equal((499, false, 0.00045m), (row.Status, row.Estimated, row.Cost));
    }

    [Fact]
    public async Task Similarity_tells_what_its_embeddings_cost()
    {
        Provider.Answer = static (http, _) => Answers.Json(http,
            """{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,1]}],"usage":{"prompt_tokens":1000,"total_tokens":1000}}""");
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/similarity", """{"docs":["a"],"topics":["b"]}"""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("0.00002", "0.00002", "1"), Told(response));
    }

    private Task<HttpResponseMessage> CallAsync(string? email = null) =>
        Gateway.Http.SendAsync(Gateway.Post(Chat, Hi, Gateway.Token(email)));

    private static (string Cost, string MonthlyCost, string MonthlyRequests) Told(HttpResponseMessage response) =>
        (response.Headers.GetValues("cost").Single(), response.Headers.GetValues("monthlyCost")
            .Single(), response.Headers.GetValues("monthlyRequests").Single());
}
