using System.Net;
using System.Text;
using System.Text.Json;
using AiPipe.Proxy.Callers;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.Tests.Accounts.Apps;

/// <summary>People let web apps spend a slice of their budget.</summary>
public sealed class GrantTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Admin = "admin@example.com";

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Salts:ann@example.com"] = "the-salt";
        settings["AiPipe:Logins:Origins:0"] = "https://pipe.example/";
    }

    [Fact]
    public async Task App_gets_a_token_that_is_worth_its_slice_and_goes_back_with_it()
    {
        Gateway.User = Gateway.Ann;
        var granted = await Gateway.GrantAsync(
            new { redirect = AppClient.Redirect + "&aipipe_token=forged", limit = 0.5, days = 3, expires_in_days = 2, state = "s t" });
        var token = granted.Text("token");

        Assert.Equal($"https://app.example/page?x=1&aipipe_token={token}&aipipe_email=ann%40example.com&state=s%20t",
            granted.Text("location"));
        Assert.Equal((AppClient.App, "ann@example.com"), (granted.Text("origin"), granted.Text("email")));
        var payload = TokenPayload.Parse(await Jwt.VerifyAsync(token, Encoding.UTF8.GetBytes(Gateway.Secret)))!;
        Assert.Equal((0.5m, 3, AppClient.App, "the-salt", Guid.Parse(granted.Text("id"))),
            (payload.Limit, payload.Days, payload.Aud, payload.Salt, payload.Jti));
        Assert.Equal(granted.GetProperty("expires_at").GetDateTimeOffset().ToUnixTimeSeconds(), payload.Exp);
        Assert.InRange(payload.Exp!.Value - TestClock.UtcNow.ToUnixTimeSeconds(), 172_700, 172_800);

        Assert.Null(await Gateway.CallAsync(token));
        var usage = await Gateway.GetJsonAsync("/usage", token);
        Assert.Equal((0.5m, 3, 0.00045m),
            (usage.GetProperty("limit").GetDecimal(), usage.GetProperty("days").GetInt32(), usage.GetProperty("cost").GetDecimal()));
    }

    [Fact]
    public async Task Without_wishes_an_app_gets_a_tenth_for_a_week_and_its_token_lasts_a_month()
    {
        var granted = await Gateway.GrantAsync(new { origin = "HTTPS://App.Example:443" });

        Assert.Equal((AppClient.App, 0.1m, 7),
            (granted.Text("origin"), granted.GetProperty("limit").GetDecimal(), granted.GetProperty("days").GetInt32()));
        Assert.InRange(granted.GetProperty("expires_at")
            .GetDateTimeOffset() - TestClock.UtcNow, TimeSpan.FromDays(29.9), TimeSpan.FromDays(30));
        Assert.False(granted.TryGetProperty("location", out _));
    }

    [Fact]
    public async Task List_shows_own_grants_with_what_their_apps_spent_newest_first()
    {
        var first = await Gateway.GrantAsync(new { redirect = AppClient.Redirect, limit = 0.5, days = 3 });
        await Gateway.GrantAsync(new { origin = "http://localhost:3000", remember = true });
        await Gateway.GrantAsync(new { origin = "https://of.bob.example" }, "bob@example.com");
        Assert.Null(await Gateway.CallAsync(first.Text("token")));

        var apps = (await Gateway.GetJsonAsync("/grants")).GetProperty("apps").EnumerateArray().ToList();
        Assert.Equal(["http://localhost:3000", AppClient.App], apps.Select(app => app.Text("origin")));
        Assert.Equal([0m, 0.00045m], apps.Select(app => app.GetProperty("spent").GetDecimal()));
        Assert.Equal([true, false], apps.Select(app => app.GetProperty("remembered").GetBoolean()));
        Assert.All(apps, app => Assert.True(app.GetProperty("active").GetBoolean()));
        Assert.Equal(first.Text("id"), apps[1].Text("id"));
    }

    [Fact]
    public async Task Revoked_grant_ends_its_token_at_once_and_only_its_owner_can_revoke_it()
    {
        var granted = await Gateway.GrantAsync(new { redirect = AppClient.Redirect });
        var (path, token) = ($"/grants/{granted.Text("id")}", granted.Text("token"));
        using (var stranger = await Gateway.SendAsync(HttpMethod.Delete, path, Gateway.Token("bob@example.com")))
            Assert.Equal((HttpStatusCode.NotFound, "not_found"), (stranger.StatusCode, await stranger.CodeAsync()));
        using (var nonsense = await Gateway.SendAsync(HttpMethod.Delete, "/grants/nonsense", Gateway.Token()))
            Assert.Equal("not_found", await nonsense.CodeAsync());
        Assert.Null(await Gateway.CallAsync(token));

        for (var i = 0; i < 2; i++)
        {
            using var revoked = await Gateway.SendAsync(HttpMethod.Delete, path, Gateway.Token());
            Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        }
        Assert.Equal("token_revoked", await Gateway.CallAsync(token));
        var app = (await Gateway.GetJsonAsync("/grants")).GetProperty("apps").EnumerateArray().Single();
        Assert.False(app.GetProperty("active").GetBoolean());
        Assert.True(app.TryGetProperty("revoked_at", out _));
        Assert.Null(await Gateway.CallAsync((await Gateway.GrantAsync(new { redirect = AppClient.Redirect })).Text("token")));
    }

    [Theory]
    [InlineData("GET", "/grants")]
    [InlineData("POST", "/grants")]
    [InlineData("DELETE", "/grants/00000000-0000-0000-0000-000000000000")]
    [InlineData("GET", "/login/check?redirect=https://other.example")]
    [InlineData("GET", "/admin/usage")]
    public async Task Apps_token_manages_nothing_nor_do_own_keys(string method, string path)
    {
        var token = (await Gateway.GrantAsync(new { redirect = AppClient.Redirect }, Admin)).Text("token");
        var body = method == "POST" ? new { origin = "https://other.example" } : null;
        using var app = await Gateway.SendAsync(new HttpMethod(method), path, token, body);
        Assert.Equal((HttpStatusCode.Forbidden, path.StartsWith("/admin") ? "admin_only" : "app_token_refused"),
            (app.StatusCode, await app.CodeAsync()));
        using var ownKey = await Gateway.SendAsync(new HttpMethod(method), path, "sk-own", body);
        Assert.Equal("own_key_refused", await ownKey.CodeAsync());
        using var nobody = await Gateway.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal("token_missing", await nobody.CodeAsync());
    }

    [Theory]
    [InlineData("""{"redirect":"javascript:alert(1)"}""", "redirect_refused")]
    [InlineData("""{"redirect":"http://app.example"}""", "redirect_refused")]
    [InlineData("""{}""", "redirect_refused")]
    [InlineData("""{"origin":"https://app.example/page"}""", "invalid_request")]
    [InlineData("""{"origin":"https://app.example","redirect":"https://app.example/"}""", "invalid_request")]
    [InlineData("""{"redirect":"https://app.example","limit":1.01}""", "invalid_request")]
    [InlineData("""{"redirect":"https://app.example","limit":-0.01}""", "invalid_request")]
    [InlineData("""{"redirect":"https://app.example","limit":1e400}""", "bad_json")]
    [InlineData("""{"redirect":"https://app.example","days":0}""", "invalid_request")]
    [InlineData("""{"redirect":"https://app.example","expires_in_days":366}""", "invalid_request")]
    [InlineData("""{"redirect":"https://app.example","limit":0.1,"limit":1}""", "bad_json")]
    [InlineData("""{"redirect":"https://app.example","response_mode":"form_post"}""", "invalid_request")]
    [InlineData("""{"redirect":"https://app.example","code_challenge":"abc","code_challenge_method":"S256"}""", "invalid_request")]
    [InlineData("""{"redirect":"https://app.example","code_challenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}""", "invalid_request")]
    [InlineData("""{"redirect":"https://app.example","code_challenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM","code_challenge_method":"plain"}""", "invalid_request")]
    [InlineData("""{"redirect":"https://app.example","grant":"00000000-0000-0000-0000-000000000000"}""", "not_found")]
    [InlineData("null", "bad_json")]
    [InlineData("nonsense", "bad_json")]
    public async Task Wrong_request_grants_nothing(string body, string code)
    {
        using var response = await Gateway.SendAsync(HttpMethod.Post, "/grants", Gateway.Token(), body);

        Assert.Equal(code, await response.CodeAsync());
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Empty((await Gateway.GetJsonAsync("/grants")).GetProperty("apps").EnumerateArray());
    }

    [Fact]
    public async Task Remembered_app_gets_new_tokens_without_a_question_from_the_same_slice_until_it_is_revoked()
    {
        Assert.False((await CheckAsync()).TryGetProperty("remembered", out _));
        await Gateway.GrantAsync(new { redirect = AppClient.Redirect, limit = 1, remember = true });
        var granted = await Gateway.GrantAsync(new { redirect = AppClient.Redirect, limit = 0.00046, days = 1, remember = true });
        var remembered = (await CheckAsync()).GetProperty("remembered");
        Assert.Equal((granted.Text("id"), 0.00046m), (remembered.Text("id"), remembered.GetProperty("limit").GetDecimal()));
        Assert.Null(await Gateway.CallAsync(granted.Text("token")));

        var again = await Gateway.GrantAsync(
            new { redirect = AppClient.Redirect, grant = remembered.Text("id"), response_mode = "fragment" });
        Assert.StartsWith(AppClient.Redirect + "#aipipe_token=", again.Text("location"), StringComparison.Ordinal);
        Assert.Equal(granted.Text("id"), again.Text("id"));
        Assert.Equal("budget_spent", await Gateway.CallAsync(again.Text("token")));
        using (var elsewhere = await Gateway.SendAsync(
            HttpMethod.Post, "/grants", Gateway.Token(), new { redirect = "https://evil.example/", grant = remembered.Text("id") }))
            Assert.Equal("not_found", await elsewhere.CodeAsync());
        using (var stranger = await Gateway.SendAsync(
            HttpMethod.Post, "/grants", Gateway.Token("bob@example.com"),
            new { redirect = AppClient.Redirect, grant = remembered.Text("id") }))
            Assert.Equal("not_found", await stranger.CodeAsync());

        (await Gateway.SendAsync(HttpMethod.Delete, $"/grants/{granted.Text("id")}", Gateway.Token())).Dispose();
        Assert.Equal("token_revoked", await Gateway.CallAsync(again.Text("token")));
        // An older word does not come back either.
        Assert.False((await CheckAsync()).TryGetProperty("remembered", out _));
        using var late = await Gateway.SendAsync(
            HttpMethod.Post, "/grants", Gateway.Token(), new { redirect = AppClient.Redirect, grant = remembered.Text("id") });
        Assert.Equal("not_found", await late.CodeAsync());
    }

    [Fact]
    public async Task Own_pages_get_the_persons_own_token_without_a_grant()
    {
        var check = await CheckAsync("https://pipe.example/playground");
        Assert.True(check.GetProperty("same_origin").GetBoolean());
        var shown = Gateway.Services.GetRequiredService<TokenIssuer>().Issue(Gateway.User, TimeSpan.FromHours(1));
        using var response = await Gateway.SendAsync(
            HttpMethod.Post, "/grants", shown, new { redirect = "https://pipe.example/playground" });
        var granted = await response.JsonAsync();

        // The very token that was shown: a new one might live longer.
        Assert.Equal($"https://pipe.example/playground#aipipe_token={shown}&aipipe_email={Uri.EscapeDataString(Gateway.User)}",
            granted.Text("location"));
        Assert.Empty((await Gateway.GetJsonAsync("/grants")).GetProperty("apps").EnumerateArray());
        Assert.False((await CheckAsync("https://pipe.example.evil.example/")).GetProperty("same_origin").GetBoolean());
        Assert.False((await CheckAsync(Gateway.Address)).GetProperty("same_origin").GetBoolean());
    }

    [Fact]
    public async Task Check_tells_a_page_of_consent_whom_it_asks_about_and_what_to_propose()
    {
        var check = await CheckAsync("https://APP.example:443/x?code=1", "&limit=0.25&days=3&state=s");
        Assert.Equal(AppClient.App, check.Text("origin"));
        Assert.Equal("https://app.example/x?code=1&error=access_denied&state=s", check.Text("denied"));
        Assert.Equal((0.25m, 1m, 3, 30), (check.GetProperty("limit").GetDecimal(), check.GetProperty("limit_max").GetDecimal(),
            check.GetProperty("days").GetInt32(), check.GetProperty("expires_in_days").GetInt32()));

        var greedy = await CheckAsync(AppClient.Redirect, "&limit=1000&days=100000");
        Assert.Equal((1m, 365), (greedy.GetProperty("limit").GetDecimal(), greedy.GetProperty("days").GetInt32()));
        var odd = await CheckAsync(AppClient.Redirect, "&limit=-1&days=many");
        Assert.Equal((0.1m, 7), (odd.GetProperty("limit").GetDecimal(), odd.GetProperty("days").GetInt32()));
        var refused = await CheckAsync("https://ann@app.example");
        Assert.Equal("redirect_refused", refused.GetProperty("error").Text("code"));
    }

    private Task<JsonElement> CheckAsync(string redirect = AppClient.Redirect, string more = "") =>
        Gateway.GetJsonAsync($"/login/check?redirect={Uri.EscapeDataString(redirect)}{more}");
}
