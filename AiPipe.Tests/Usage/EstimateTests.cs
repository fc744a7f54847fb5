using System.Net;
using System.Text.Json;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Usage;

/// <summary>An estimate says what the same call would reserve, cost and be refused for, and sends nothing.</summary>
public sealed class EstimateTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Question = """{"model":"gpt-4o-mini","max_tokens":1000,"messages":[{"role":"user","content":"Hi"}]}""";

    private readonly string _small = $"user-{Guid.CreateVersion7():N}@small.example";

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings.AddBudget("@small.example", 0.001m, days: 1);
        settings.AddBudget("blocked@example.com", 0m, days: 1);
    }

    [Theory]
    [InlineData(Chat, Question)]
    [InlineData(Chat, """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData(Chat, """{"model":"gpt-4o-mini","max_tokens":10,"n":3,"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("/openai/v1/responses", """{"model":"gpt-4o-mini","max_output_tokens":100,"input":"Hi"}""")]
    [InlineData("/openai/v1/embeddings", """{"model":"text-embedding-3-small","input":"Hi"}""")]
    [InlineData("/v1/chat/completions", Question)]
    public async Task Estimate_is_what_the_call_reserves(string path, string body)
    {
        var estimate = await EstimateAsync(path, body);
        Assert.True(estimate.GetProperty("passes").GetBoolean());
        Assert.Equal(0m, (await Gateway.GetJsonAsync("/usage")).GetProperty("held").GetDecimal());

        var (arrived, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var count = 0;
        Provider.Answer = async (http, _) =>
        {
            count++;
            arrived.TrySetResult();
            await goOn.Task;
            await Answers.Json(http, Answers.Chat(20, 10));
        };
        var call = Gateway.Http.SendAsync(Gateway.Post(path, body));
        await arrived.Task.WaitAsync(Eventually.Limit);
        var held = (await Gateway.GetJsonAsync("/usage")).GetProperty("held").GetDecimal();
        goOn.SetResult();
        using var response = await call;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, count);
        Assert.Equal(held, estimate.GetProperty("reserved").GetDecimal());
        Assert.InRange(held, 0.00000001m, estimate.GetProperty("max_cost").GetDecimal());
        Assert.InRange(estimate.GetProperty("likely_cost").GetDecimal(), 0.00000001m, estimate.GetProperty("max_cost").GetDecimal());
    }

    [Theory]
    [InlineData(""" "n":0 """)]
    [InlineData(""" "n":-1 """)]
    [InlineData(""" "n":1.5 """)]
    [InlineData(""" "n":"2" """)]
    [InlineData(""" "n":1,"n":100 """)]
    [InlineData(""" "max_tokens":0 """)]
    [InlineData(""" "max_tokens":-5 """)]
    [InlineData(""" "max_tokens":1.5 """)]
    [InlineData(""" "max_tokens":"10" """)]
    [InlineData(""" "max_tokens":1e30 """)]
    [InlineData(""" "max_tokens":1,"max_tokens":100000 """)]
    [InlineData(""" "max_tokens":1,"max\u005ftokens":100000 """)]
    public async Task Limit_that_providers_may_read_in_two_ways_is_refused(string fields)
    {
        foreach (var prefix in (string[])["", "/estimate"])
        {
            using var response = await Gateway.Http.SendAsync(Gateway.Post(prefix + Chat,
                $$"""{"model":"gpt-4o-mini","messages":[],{{fields}}}"""));
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }
    }

    [Theory]
    [InlineData(""" "max_tokens":1,"max_completion_tokens":1000 """, """ "max_tokens":1000 """, 1)]
    [InlineData(""" "max_tokens":1000,"max_completion_tokens":1 """, """ "max_tokens":1000 """, 1)]
    [InlineData(""" "max_tokens":1000,"n":100 """, """ "max_tokens":1000 """, 100)]
    [InlineData(""" "max_tokens":1000,"logprobs":true,"top_logprobs":20 """, """ "max_tokens":1000 """, 1)]
    public async Task Largest_of_all_limits_is_reserved_for_each_choice(string fields, string simple, int times)
    {
        var (cost, unit) = (await MostAsync(fields), await MostAsync(simple));
        Assert.InRange(cost, unit * times * 0.9m, unit * times * 1.1m);

        async Task<decimal> MostAsync(string some) => (await EstimateAsync(Chat,
            $$"""{"model":"gpt-4o-mini","messages":[],{{some}}}""")).GetProperty("max_cost").GetDecimal();
    }

    [Fact]
    public async Task Likely_output_is_that_of_the_callers_latest_calls()
    {
        Assert.Equal(500, (await EstimateAsync(Chat, Question)).GetProperty("output_tokens").GetInt64());
        foreach (var output in new[] { 100, 201 })
        {
            Provider.Answer = (http, _) => Answers.Json(http, Answers.Chat(20, output));
            Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        }
        await Gateway.FlushAsync();
        var estimate = await EstimateAsync(Chat, Question);
        Assert.Equal(151, estimate.GetProperty("output_tokens").GetInt64());
        var input = estimate.GetProperty("input_tokens").GetInt64();
        Assert.Equal(input * 0.00000015m + 151 * 0.0000006m, estimate.GetProperty("likely_cost").GetDecimal());
        // Never more than the request allows.
        var shorter = await EstimateAsync(Chat, Question.Replace("1000", "20", StringComparison.Ordinal));
        Assert.Equal(20, shorter.GetProperty("output_tokens").GetInt64());
    }

    [Fact]
    public async Task Limit_that_the_budget_demands_is_the_one_that_the_call_gets()
    {
        var body = Question.Replace("1000", "100000", StringComparison.Ordinal);
        var estimate = await EstimateAsync(Chat, body, Gateway.Token(_small));
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, body, Gateway.Token(_small)));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(response.Headers.GetValues("x-aipipe-max-output-tokens").Single(), $"{estimate.GetProperty("max_output_tokens")}");
        Assert.True(estimate.GetProperty("max_cost").GetDecimal() > estimate.GetProperty("reserved").GetDecimal());
    }

    [Theory]
    [InlineData("x", "reservation_too_large")]
    [InlineData("", "budget_spent")]
    public async Task Refusal_is_the_one_that_the_call_would_get(string text, string code)
    {
        var token = Gateway.Token(_small);
        var body = JsonSerializer.Serialize(new
        {
            model = "gpt-4o-mini",
            max_tokens = 100,
            messages = new[] { new { role = "user", content = string.Concat(Enumerable.Repeat(text, 10_000)) } },
        });
        if (code == "budget_spent")
        {
            Provider.Answer = (http, _) => Answers.Json(http, Answers.Chat(6000, 166));
            await Gateway.CallAsync(token);
        }
        var estimate = await EstimateAsync(Chat, body, token);
        Assert.False(estimate.GetProperty("passes").GetBoolean());
        Assert.False(estimate.TryGetProperty("reserved", out _));
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, body, token));
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        Assert.Equal(code, error.Text("code"));
        Assert.Equal((error.Text("code"), error.Text("message")),
            (estimate.GetProperty("error").Text("code"), estimate.GetProperty("error").Text("message")));
    }

    [Theory]
    [InlineData(Chat, """{"model":"no-such-model","messages":[]}""", 400, "model_price_unknown")]
    [InlineData(Chat, """{"messages":[]}""", 400, "model_missing")]
    [InlineData(Chat, "{", 400, "bad_json")]
    [InlineData("/openai/v1/files", "{}", 403, "endpoint_not_metered")]
    [InlineData("/nowhere/v1/chat/completions", Question, 404, "unknown_provider")]
    public async Task Wrong_request_gets_the_error_of_the_call(string path, string body, int status, string code)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/estimate" + path, body));
        Assert.Equal((status, code), ((int)response.StatusCode, await response.CodeAsync()));
    }

    [Theory]
    [InlineData("no-token", 401)]
    [InlineData("sk-a-key-of-the-callers-own", 400)]
    [InlineData("blocked", 429)]
    public async Task Caller_who_may_not_call_or_does_not_pay_gets_no_estimate(string token, int status)
    {
        if (token == "blocked") token = Gateway.Token("blocked@example.com");
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/estimate" + Chat, Question, token));
        Assert.Equal(status, (int)response.StatusCode);
    }

    private async Task<JsonElement> EstimateAsync(string path, string body, string? token = null)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/estimate" + path, body, token));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
