using System.Net;
using System.Text.Json;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Accounts.People;

/// <summary>What is said and done of people on one replica, seen from another.</summary>
public sealed class PeopleTests(PostgresFixture postgres, SharedPair shared) : IClassFixture<SharedPair>, IAsyncLifetime
{
    private Gateway _here = null!;
    private Gateway _there = null!;

    private string Admin => _here.Token("admin@example.com");

    public async ValueTask InitializeAsync() => (_here, _there) = await shared.TakeAsync(Configure);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static void Configure(Dictionary<string, string?> settings)
    {
        settings.AddBudget("named@example.com", 5, 30);
        settings.AddBudget("@school.example", 2, 1);
        settings["AiPipe:Salts:salted@example.com"] = "configured";
        settings["AiPipe:Roles:teacher@example.com"] = "teacher";
    }

    [Fact]
    public async Task Disabled_person_is_refused_everywhere_and_let_in_again()
    {
        var token = _here.Token();
        Assert.Null(await _there.CallAsync(token));
        await PostAsync($"/admin/people/{_here.User.Replace("user", "User", StringComparison.Ordinal)}/disable");
        Assert.Equal("account_disabled", await _here.CallAsync(token));
        await Eventually.TrueAsync(async () => await _there.CallAsync(token) == "account_disabled", "the other replica's refusal");
        using var usage = await _here.SendAsync(HttpMethod.Get, "/usage", token);
        Assert.Equal(HttpStatusCode.Forbidden, usage.StatusCode);

        await PostAsync($"/admin/people/{_here.User}/enable");
        Assert.Null(await _here.CallAsync(token));
        await Eventually.TrueAsync(async () => await _there.CallAsync(token) is null, "the other replica's consent");
    }

    [Fact]
    public async Task Admins_by_configuration_and_oneself_cannot_be_disabled()
    {
        using var response = await _here.SendAsync(HttpMethod.Post, "/admin/people/admin@example.com/disable", Admin);
        Assert.Equal("invalid_request", await response.CodeAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("salted@example.com")]
    public async Task Reset_ends_all_tokens_everywhere_but_the_new_one(string? salted)
    {
        var email = salted ?? _here.User;
        var old = _here.Token(email);
        Assert.Null(await _there.CallAsync(old));
        var @new = (await PostAsync("/token/reset", old)).Text("token");
        Assert.Equal("token_revoked", await _here.CallAsync(old));
        Assert.Null(await _here.CallAsync(@new));
        await Eventually.TrueAsync(
            async () => await _there.CallAsync(old) == "token_revoked", "the end of the old token on the other replica");
        Assert.Null(await _there.CallAsync(@new));
        Assert.Equal(@new, _there.Token(email));
        Assert.Null(await _there.CallAsync(_there.Token("somebody@example.com")));

        var newer = (await PostAsync("/token/reset", @new)).Text("token");
        Assert.Equal("token_revoked", await _here.CallAsync(@new));
        Assert.Null(await _here.CallAsync(newer));
    }

    [Fact]
    public async Task Reset_ends_links_and_tokens_of_apps_and_is_no_apps_to_ask_for()
    {
        var app = (await _here.GrantAsync(new { redirect = AppClient.Redirect })).Text("token");
        var link = (await PostAsync($"/admin/people/{_here.User}/link")).Text("link");
        using (var refused = await _here.SendAsync(HttpMethod.Post, "/token/reset", app)) Assert.Equal(
            "app_token_refused", await refused.CodeAsync());
        await PostAsync("/token/reset", _here.Token());
        Assert.Equal("token_revoked", await _here.CallAsync(app));
        using var late = await _here.Http.SendAsync(
            _here.Post("/token", JsonSerializer.Serialize(new { link = link[(link.IndexOf('=', StringComparison.Ordinal) + 1)..] })));
        Assert.Equal("credentials_wrong", await late.CodeAsync());
    }

    [Fact]
    public async Task Me_tells_pages_who_is_signed_in()
    {
        var admin = await _here.GetJsonAsync("/token/me", Admin);
        Assert.Equal(("admin@example.com", true, true, false),
            (admin.Text("email"), admin.GetProperty("admin").GetBoolean(), admin.GetProperty("teacher")
                .GetBoolean(), admin.GetProperty("has_password").GetBoolean()));
        var teacher = await _here.GetJsonAsync("/token/me", _here.Token("teacher@example.com"));
        Assert.Equal((false, true), (teacher.GetProperty("admin").GetBoolean(), teacher.GetProperty("teacher").GetBoolean()));
        Assert.Empty(teacher.GetProperty("classes").EnumerateArray());
    }

    [Fact]
    public async Task Everybody_who_is_known_is_listed_a_page_at_a_time_with_what_they_have()
    {
        // Whom other tests have made known would be listed, too.
        await using var own = new SharedPair(postgres);
        (_here, _there) = await own.TakeAsync(Configure);
        Assert.Null(await _here.CallAsync(_here.Token("spender@school.example")));
        await _here.FlushAsync();
        await PostAsync("/admin/people", Admin, new { email = "Zoë@example.com", name = "<b>Zoë</b>\u202e =1+1" });
        var all = new List<JsonElement>();
        for (string? after = ""; after is not null;)
        {
            var page = await _here.GetJsonAsync($"/admin/people?limit=2&after={Uri.EscapeDataString(after)}", Admin);
            all.AddRange(page.GetProperty("people").EnumerateArray());
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        Assert.Equal(["named@example.com", "spender@school.example", "zoë@example.com"], all.Select(person => person.Text("email")));
        Assert.Equal(["named@example.com", "@school.example", "*"], all.Select(person => person.Text("source_of_budget")));
        Assert.Equal([5m, 2m, 1m], all.Select(person => person.GetProperty("limit").GetDecimal()));
        Assert.True(all[1].GetProperty("spent").GetDecimal() > 0);
        Assert.True(all[1].TryGetProperty("last_call_at", out _));
        Assert.Equal("<b>Zoë</b> =1+1", all[2].Text("name"));

        var found = await _here.GetJsonAsync("/admin/people?search=SCHOOL", Admin);
        Assert.Equal("spender@school.example", found.GetProperty("people").EnumerateArray().Single().Text("email"));
        var one = await _here.GetJsonAsync("/admin/people/spender@school.example", Admin);
        Assert.Equal(0, one.GetProperty("grants").GetInt32());
        using var nobody = await _here.SendAsync(HttpMethod.Get, "/admin/people/nobody@example.com", Admin);
        Assert.Equal("not_found", await nobody.CodeAsync());
    }

    [Theory]
    [InlineData("GET", "/admin/people")]
    [InlineData("POST", "/admin/people")]
    [InlineData("GET", "/admin/people/ann@example.com")]
    [InlineData("POST", "/admin/people/ann@example.com/link")]
    [InlineData("POST", "/admin/people/ann@example.com/disable")]
    public async Task Only_admins_come_near(string method, string path)
    {
        using var response = await _here.SendAsync(new HttpMethod(method), path, _here.Token("teacher@example.com"));
        Assert.Equal((HttpStatusCode.Forbidden, "admin_only"), (response.StatusCode, await response.CodeAsync()));
    }

    [Theory]
    [InlineData("DELETE", "/admin/people")]
    [InlineData("GET", "/admin/people/ann@example.com/link")]
    [InlineData("GET", "/token/password")]
    [InlineData("GET", "/token/reset")]
    [InlineData("POST", "/token/me")]
    [InlineData("DELETE", "/token")]
    public async Task Wrong_method_is_told(string method, string path)
    {
        using var response = await _here.SendAsync(new HttpMethod(method), path, Admin);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "method_not_allowed"), (response.StatusCode, await response.CodeAsync()));
    }

    private async Task<JsonElement> PostAsync(string path, string? token = null, object? body = null)
    {
        using var response = await _here.SendAsync(HttpMethod.Post, path, token ?? Admin, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }
}
