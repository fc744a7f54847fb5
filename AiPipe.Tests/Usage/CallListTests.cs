using System.Net;
using System.Text.Json;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Usage;

/// <summary>Everybody sees their own calls and receipts, and nobody else's.</summary>
public sealed class CallListTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private readonly string _bob = $"bob-{Guid.CreateVersion7():N}@example.com";
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private string Admin => Gateway.Token("admin@example.com");

    [Fact]
    public async Task Call_shows_at_once_with_its_receipt_and_the_stages_that_it_passed()
    {
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));

        var listed = Assert.Single(await CallsAsync("/usage/calls"));
        Assert.Equal(("call", "openai", "gpt-4o-mini", "chat"),
            (listed.Text("kind"), listed.Text("provider"), listed.Text("model"), listed.Text("operation")));
        Assert.Equal((0.00045m, 1000, 500, 200),
            (listed.GetProperty("cost")
            .GetDecimal(), Number(listed, "input_tokens"), Number(listed, "output_tokens"), Number(listed, "status")));
        Assert.False(listed.TryGetProperty("user", out _));

        var call = await Gateway.GetJsonAsync($"/usage/calls/{listed.Text("id")}");
        Assert.Equal(listed.Text("started_at"), call.Text("started_at"));
        Assert.EndsWith("Z", call.Text("started_at"), StringComparison.Ordinal);
        Assert.Equal(["checked", "reserved", "connected", "first_byte", "last_byte", "settled"], Stages(call)
            .Select(stage => stage.Text("stage")));
        Assert.Equal(Stages(call).Select(Ms).Order(), Stages(call).Select(Ms));
        Assert.InRange(Ms(Stages(call)[^1]), 0.001, call.GetProperty("latency_ms").GetDouble() + 0.001);
        var receipt = call.GetProperty("receipt");
        Assert.Equal(0.00045m, receipt.GetProperty("cost").GetDecimal());
        Assert.Equal([("input", 1000m, 0.15m, 0.00015m), ("output", 500m, 0.6m, 0.0003m)], receipt.GetProperty("lines").EnumerateArray()
            .Select(line => (line.Text("what"), Usd(line, "units"), Usd(line, "price"), Usd(line, "cost"))));
        Assert.Equal(($"user:{Gateway.User}", "chatcmpl-1", 1000),
            (call.GetProperty("scopes")[0].GetString(), call.Text("response_id"), Number(call.GetProperty("usage"), "input")));
    }

    [Fact]
    public async Task Refused_by_the_provider_costs_nothing_and_has_no_first_byte_of_a_metered_answer()
    {
        Provider.Answer = (http, _) => Answers.Json(http, """{"error":{"message":"no"}}""", 400);
        using var refused = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[]}"""));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        var call = Assert.Single(await CallsAsync("/usage/calls?outcome=failed"));
        Assert.Equal((0m, 400), (Usd(call, "cost"), Number(call, "status")));
        Assert.Equal(["checked", "reserved", "connected", "settled"], Stages(await Gateway.GetJsonAsync($"/usage/calls/{call.Text("id")}"))
            .Select(stage => stage.Text("stage")));
        Assert.Empty(await CallsAsync("/usage/calls?outcome=ok"));
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_overlap_also_where_calls_began_at_once()
    {
        for (var i = 0; i < 7; i++) await LedgerRows.AddAsync(Database, Gateway.User, Noon.AddMinutes(i / 3));
        var (seen, path) = (new List<string>(), "/usage/calls?limit=2");
        for (var page = path; ;)
        {
            var list = await Gateway.GetJsonAsync(page);
            seen.AddRange(list.GetProperty("calls").EnumerateArray().Select(call => call.Text("id")));
            if (!list.TryGetProperty("next", out var next)) break;
            page = $"{path}&before={next.GetString()}";
        }
        Assert.Equal(7, seen.Distinct().Count());
        Assert.Equal((await CallsAsync("/usage/calls")).Select(call => call.Text("id")), seen);
    }

    [Fact]
    public async Task Filters_find_what_they_name()
    {
        await LedgerRows.AddAsync(Database, Gateway.User, Noon, model: "a");
        await LedgerRows.AddAsync(Database, Gateway.User, Noon.AddDays(1), model: "b", status: 499, estimated: true);
        await LedgerRows.AddAsync(Database, Gateway.User, Noon.AddDays(2), model: "c", status: 502);
        await LedgerRows.AddAsync(Database, Gateway.User, Noon.AddDays(3), model: "d", kind: "abandoned", status: null, estimated: true);
        await LedgerRows.AddAsync(Database, Gateway.User, Noon.AddDays(4), model: "e", estimated: true, app: "https://a.example");

        Assert.Equal("a", await ModelsAsync("outcome=ok"));
        Assert.Equal("c", await ModelsAsync("outcome=failed"));
        Assert.Equal("edb", await ModelsAsync("outcome=cut"));
        Assert.Equal("edb", await ModelsAsync("outcome=estimated"));
        Assert.Equal("e", await ModelsAsync("app=https%3A%2F%2Fa.example"));
        Assert.Equal("cb", await ModelsAsync("from=2026-03-11&to=2026-03-12"));
        Assert.Equal("edcba", await ModelsAsync("from=0001-01-01&to=9999-12-31&provider=openai"));
        Assert.Equal("edcba", await ModelsAsync("provider=OpenAI"));
        Assert.Equal("", await ModelsAsync("provider=geminiv1beta"));
        Assert.Equal("", await ModelsAsync("provider=nobody"));
        Assert.Equal("", await ModelsAsync("model=A"));
        Assert.Equal("", await ModelsAsync("model=%27%20or%201%3D1--"));
        Assert.Equal("", await ModelsAsync($"key={Guid.NewGuid()}"));
    }

    [Theory]
    [InlineData("before=nonsense")]
    [InlineData("before=%00")]
    [InlineData("before=__________________________________8")]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("limit=-1")]
    [InlineData("limit=99999999999999999999")]
    [InlineData("from=2026-02-30")]
    [InlineData("from=12026-01-01")]
    [InlineData("from=2026-03-02&to=2026-03-01")]
    [InlineData("key=1")]
    [InlineData("provider=a%00b")]
    [InlineData("provider=a&provider=b")]
    [InlineData("outcome=OK")]
    [InlineData("model=a%00b")]
    [InlineData("model=a&model=b")]
    public async Task Nonsense_is_refused(string query)
    {
        using var response = await Gateway.SendAsync(HttpMethod.Get, $"/usage/calls?{query}", Gateway.Token());
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (response.StatusCode, await response.CodeAsync()));
    }

    [Fact]
    public async Task Others_calls_are_as_good_as_none_whatever_is_asked()
    {
        Assert.Null(await Gateway.CallAsync(Gateway.Token(_bob)));
        var bobs = Assert.Single(await CallsAsync("/usage/calls", Gateway.Token(_bob)));
        var cursor = Convert.ToBase64String([0x0F, .. new byte[23]]).Replace('/', '_').Replace('+', '-');
        foreach (var query in (string[])[
            "", $"?email={Uri.EscapeDataString(_bob)}", $"?user={Uri.EscapeDataString(_bob)}", $"?before={cursor}"])
        {
            using var response = await Gateway.SendAsync(HttpMethod.Get, "/usage/calls" + query, Gateway.Token());
            Assert.DoesNotContain(bobs.Text("id"), await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        foreach (var id in (string[])[bobs.Text("id"), Guid.NewGuid().ToString(), "nonsense"])
        {
            using var response = await Gateway.SendAsync(HttpMethod.Get, $"/usage/calls/{id}", Gateway.Token());
            Assert.Equal((HttpStatusCode.NotFound, "not_found"), (response.StatusCode, await response.CodeAsync()));
        }
        foreach (var path in (string[])["/admin/calls", $"/admin/calls/{bobs.Text("id")}", "/admin/calls.csv", "/admin/spend"])
        {
            using var response = await Gateway.SendAsync(HttpMethod.Get, path, Gateway.Token());
            Assert.Equal("admin_only", await response.CodeAsync());
        }

        Assert.Equal(_bob, Assert.Single(await CallsAsync($"/admin/calls?email={Uri.EscapeDataString(_bob.ToUpperInvariant())}", Admin))
            .Text("user"));
        Assert.Equal(_bob, (await Gateway.GetJsonAsync($"/admin/calls/{bobs.Text("id")}", Admin)).Text("user"));
        Assert.Empty(await CallsAsync($"/admin/calls?email={Uri.EscapeDataString(Gateway.User)}", Admin));
    }

    [Fact]
    public async Task Apps_token_sees_what_its_app_called()
    {
        var app = (await Gateway.GrantAsync(new { origin = AppClient.App })).Text("token");
        Assert.Null(await Gateway.CallAsync(app));
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));

        var seen = Assert.Single(await CallsAsync("/usage/calls?app=https%3A%2F%2Fother.example", app));
        Assert.Equal(AppClient.App, seen.Text("app"));
        var other = (await CallsAsync("/usage/calls")).Single(call => !call.TryGetProperty("app", out _));
        using var response = await Gateway.SendAsync(HttpMethod.Get, $"/usage/calls/{other.Text("id")}", app);
        Assert.Equal("not_found", await response.CodeAsync());
        Assert.Equal(0.00045m, Usd(await Gateway.GetJsonAsync("/usage/spend", app), "cost"));
    }

    [Theory]
    [InlineData("/usage/calls")]
    [InlineData("/usage/spend")]
    [InlineData("/usage/calls.csv")]
    [InlineData("/admin/calls")]
    public async Task Only_reading_is_possible_and_only_by_who_is_known(string path)
    {
        using var post = await Gateway.SendAsync(HttpMethod.Post, path, Admin, new { });
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "method_not_allowed"), (post.StatusCode, await post.CodeAsync()));
        using var nobody = await Gateway.Http.GetAsync(path);
        Assert.Equal("token_missing", await nobody.CodeAsync());
    }

    private async Task<List<JsonElement>> CallsAsync(string path, string? token = null) =>
        [.. (await Gateway.GetJsonAsync(path, token)).GetProperty("calls").EnumerateArray()];

    private async Task<string> ModelsAsync(string query) =>
        string.Concat((await CallsAsync($"/usage/calls?{query}")).Select(call => call.Text("model")));

    private static List<JsonElement> Stages(JsonElement call) => [.. call.GetProperty("timeline").EnumerateArray()];

    private static double Ms(JsonElement stage) => stage.GetProperty("ms").GetDouble();
    private static decimal Usd(JsonElement json, string name) => json.GetProperty(name).GetDecimal();
    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();
}
