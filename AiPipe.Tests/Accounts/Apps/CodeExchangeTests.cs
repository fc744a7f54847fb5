using System.Net;
using System.Text.Json;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AiPipe.Tests.Accounts.Apps;

/// <summary>Apps exchange codes for their tokens: RFC 6749 §4.1, RFC 7636.</summary>
public sealed class CodeExchangeTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    [Fact]
    public async Task App_exchanges_its_code_for_its_token_and_no_token_stood_in_an_address()
    {
        var granted = await Gateway.GrantAsync(
            new
            {
                redirect = AppClient.Redirect,
                code_challenge = AppClient.Challenge,
                code_challenge_method = "S256",
                state = "s",
                limit = 0.5
            });
        Assert.False(granted.TryGetProperty("token", out _));
        var code = granted.Location()["code"]!;
        Assert.Equal($"https://app.example/page?x=1&code={code}&state=s", granted.Text("location"));

        using var response = await Gateway.ExchangeAsync(code);
        var answer = await response.JsonAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal(("Bearer", Gateway.User, answer.Text("access_token")),
            (answer.Text("token_type"), answer.Text("email"), answer.Text("aipipe_token")));
        Assert.InRange(answer.GetProperty("expires_in").GetInt64(), 29 * 86_400, 30 * 86_400);
        Assert.Equal(0.5m, (await Gateway.GetJsonAsync("/usage", answer.Text("access_token"))).GetProperty("limit").GetDecimal());
    }

    [Fact]
    public async Task Json_and_a_page_of_the_apps_origin_are_as_good()
    {
        var code = await Gateway.CodeAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login/token")
        {
            Content = new StringContent(
                JsonSerializer.Serialize(
                new
                {
                    grant_type = "authorization_code",
                    code,
                    redirect_uri = "https://APP.example:443/page?x=1",
                    code_verifier = AppClient.Verifier,
                    client_id = "any"
                }),
                new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Add("Origin", AppClient.App);
        using var response = await Gateway.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("code", "unknown", "invalid_grant")]
    [InlineData("code", "", "invalid_request")]
    [InlineData("redirect_uri", "https://app.example/page", "invalid_grant")]
    [InlineData("redirect_uri", "https://evil.example/page?x=1", "invalid_grant")]
    [InlineData("redirect_uri", "", "invalid_grant")]
    [InlineData("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXj", "invalid_grant")]
    [InlineData("code_verifier", "", "invalid_grant")]
    [InlineData("grant_type", "refresh_token", "unsupported_grant_type")]
    [InlineData("grant_type", "", "unsupported_grant_type")]
    public async Task Wrong_question_gets_no_token(string field, string value, string code)
    {
        var issued = await Gateway.CodeAsync();
        using var response = await Gateway.ExchangeAsync(issued, form => form[field] = value);
        Assert.Equal((HttpStatusCode.BadRequest, code), (response.StatusCode, await response.CodeAsync()));
        Assert.True(response.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task Wrong_verifier_uses_the_code_up()
    {
        var code = await Gateway.CodeAsync();
        (await Gateway.ExchangeAsync(code, form => form["code_verifier"] = new string('a', 43))).Dispose();
        using var response = await Gateway.ExchangeAsync(code);
        Assert.Equal("invalid_grant", await response.CodeAsync());
    }

    [Fact]
    public async Task Page_of_another_origin_gets_no_token()
    {
        using var form = new FormUrlEncodedContent(
            [new("grant_type", "authorization_code"), new("code", await Gateway.CodeAsync()), new("redirect_uri", AppClient.Redirect),
            new("code_verifier", AppClient.Verifier)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login/token") { Content = form };
        request.Headers.Add("Origin", "https://evil.example");
        using var response = await Gateway.Http.SendAsync(request);
        Assert.Equal("invalid_grant", await response.CodeAsync());
    }

    [Fact]
    public async Task Of_many_who_exchange_a_code_at_once_on_two_replicas_one_wins_and_the_grant_ends()
    {
        await StartOwnAsync();
        await using var other = await Gateway.StartAsync(Database);
        for (var round = 0; round < 5; round++)
        {
            var code = await Gateway.CodeAsync();
            var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? Gateway : other).ExchangeAsync(code)));
            var winner = Assert.Single(responses, response => response.IsSuccessStatusCode);
            foreach (var loser in responses.Where(response => response != winner)) Assert.Equal("invalid_grant", await loser.CodeAsync());

            // Who came second may be the thief or the robbed: nobody keeps what the code was worth.
            var token = (await winner.JsonAsync()).Text("access_token");
            await Eventually.TrueAsync(
                async () => await Gateway.CallAsync(token) == "token_revoked" && await other.CallAsync(token) == "token_revoked",
                "the end of the grant");
            foreach (var response in responses) response.Dispose();
        }
    }

    [Fact]
    public async Task Code_that_Postgres_used_without_our_hearing_of_it_is_asked_for_again_and_ends_no_grant()
    {
        var lost = new LostAnswer("UPDATE app_codes");
        await using var gateway = await Gateway.StartAsync(
            Database, extend: builder => builder.Services.ConfigureDbContext<AiPipeDb>(options => options.AddInterceptors(lost)));
        using var response = await gateway.ExchangeAsync(await gateway.CodeAsync());
        Assert.Equal((HttpStatusCode.OK, true), (response.StatusCode, lost.HasHappened));
        Assert.Null(await gateway.CallAsync((await response.JsonAsync()).Text("access_token")));
    }

    [Fact]
    public async Task Code_is_good_for_a_minute_and_kept_as_a_hash_only()
    {
        await StartOwnAsync();
        var asked = TestClock.UtcNow.ToUnixTimeMilliseconds();
        var code = await Gateway.CodeAsync();
        var answered = TestClock.UtcNow.ToUnixTimeMilliseconds();
        Assert.InRange(await ScalarAsync("select floor(extract(epoch from expires_at) * 1000)::bigint from app_codes"), asked + 60_000,
            answered + 60_000);
        Assert.Equal(0, await ScalarAsync($"select count(*) from app_codes where app_codes::text like '%{code}%'"));
        await ScalarAsync("update app_codes set expires_at = expires_at - interval '1 minute' returning 1::bigint");
        using var response = await Gateway.ExchangeAsync(code);
        Assert.Equal("invalid_grant", await response.CodeAsync());

        await ScalarAsync("update app_codes set expires_at = expires_at - interval '2 h' returning 1::bigint");
        await Gateway.CodeAsync();
        Assert.Equal(1, await ScalarAsync("select count(*) from app_codes"));
    }

    [Fact]
    public async Task Code_of_a_revoked_grant_is_worth_nothing()
    {
        var granted = await Gateway.GrantAsync(
            new { redirect = AppClient.Redirect, code_challenge = AppClient.Challenge, code_challenge_method = "S256" });
        (await Gateway.SendAsync(HttpMethod.Delete, $"/grants/{granted.Text("id")}", Gateway.Token())).Dispose();
        using var response = await Gateway.ExchangeAsync(granted.Location()["code"]!);
        Assert.Equal("invalid_grant", await response.CodeAsync());
    }

    [Theory]
    [InlineData("text/plain", "grant_type=authorization_code", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("multipart/form-data; boundary=x", "--x--", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-www-form-urlencoded", "grant_type=authorization_code&code=a&code=b", HttpStatusCode.BadRequest)]
    [InlineData("application/x-www-form-urlencoded", "", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "[]", HttpStatusCode.BadRequest)]
    public async Task Odd_bodies_are_refused(string type, string body, HttpStatusCode status)
    {
        using var content = new StringContent(body, System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type));
        using var response = await Gateway.Http.PostAsync("/login/token", content);
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Huge_bodies_are_refused_and_too_many_questions_too()
    {
        using var huge = await Gateway.ExchangeAsync(new string('x', 20_000));
        Assert.Equal("body_too_large", await huge.CodeAsync());
        await using var strict = await Gateway.StartStillAsync(Database, settings => settings["AiPipe:Logins:PerMinute"] = "1");
        (await strict.ExchangeAsync("x")).Dispose();
        using var response = await strict.ExchangeAsync("x");
        Assert.Equal("rate_limited", await response.CodeAsync());
    }

    [Fact]
    public async Task Codes_and_tokens_are_in_no_log()
    {
        var code = await Gateway.CodeAsync();
        using var response = await Gateway.ExchangeAsync(code);
        var token = (await response.JsonAsync()).Text("access_token");
        Assert.NotEmpty(Gateway.Logs.Lines);
        Assert.DoesNotContain(
            Gateway.Logs.Lines, line =>
            line.Contains(code, StringComparison.Ordinal) || line.Contains(token, StringComparison.Ordinal)
            || line.Contains(AppClient.Verifier, StringComparison.Ordinal));
    }

    private async Task<long> ScalarAsync(string query)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = source.CreateCommand(query);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
