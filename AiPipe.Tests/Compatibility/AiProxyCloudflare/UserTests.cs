using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using AiPipe.Tests.Support;
using AiPipe.Tests.Usage;

namespace AiPipe.Tests.Compatibility.AiProxyCloudflare;

/// <summary>Users whom an operator registers by a name, on either of two replicas.</summary>
public sealed class UserTests(PostgresFixture postgres) : IAsyncLifetime
{
    public const string Word = "correct-horse-battery";
    private const string Admin = SettingsClient.Admin;

    private string _database = "";
    private Gateway _here = null!;
    private Gateway _there = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.NewDatabaseAsync();
        _here = await Gateway.StartAsync(_database, settings => settings["ACCESS_TOKEN"] = Word);
        _there = await Gateway.StartAsync(_database, settings => settings["ACCESS_TOKEN"] = Word);
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
    }

    [Fact]
    public async Task Register_reset_and_delete_hold_on_both_replicas_and_are_written_down()
    {
        var (status, first) = await RequestAsync(_here, HttpMethod.Post, "register/Janlay");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Null(await _here.CallAsync(first));
        Assert.Equal((HttpStatusCode.Conflict, "user_exists"), await RefusedAsync(_there, HttpMethod.Post, "register/janlay"));

        var (_, second) = await RequestAsync(_there, HttpMethod.Post, "reset/janlay");
        Assert.Null(await _there.CallAsync(second));
        Assert.Equal("token_invalid", await _there.CallAsync(first));
        await Eventually.TrueAsync(
            async () => await _here.CallAsync(second) is null && await _here.CallAsync(first) == "token_invalid",
            "the new key on the first replica");

        Assert.Equal((HttpStatusCode.OK, "OK"), await RequestAsync(_here, HttpMethod.Delete, "delete/janlay"));
        Assert.Equal("token_invalid", await _here.CallAsync(second));
        await Eventually.TrueAsync(async () => await _there.CallAsync(second) == "token_invalid", "the deletion on the second replica");
        Assert.Equal((HttpStatusCode.NotFound, "not_found"), await RefusedAsync(_here, HttpMethod.Delete, "delete/janlay"));
        Assert.Equal((HttpStatusCode.NotFound, "not_found"), await RefusedAsync(_here, HttpMethod.Post, "reset/janlay"));

        var written = await _here.AuditAsync();
        Assert.Equal(["user.delete", "user.reset", "user.register"], written.Select(entry => entry.Text("action")));
        Assert.All(written, entry => Assert.Equal(("ACCESS_TOKEN", "janlay"), (entry.Text("who"), entry.Text("subject"))));
        // Nobody is gone for ever.
        Assert.Equal(HttpStatusCode.OK, (await RequestAsync(_there, HttpMethod.Post, "register/janlay")).Status);
    }

    [Fact]
    public async Task However_many_register_a_name_at_once_one_gets_its_key()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => RequestAsync(i % 2 == 0 ? _here : _there, HttpMethod.Post, "register/janlay")));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(9, answers.Count(answer => answer.Status == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Call_in_flight_of_a_deleted_user_ends_as_it_began_and_is_paid()
    {
        var (_, key) = await RequestAsync(_here, HttpMethod.Post, "register/janlay");
        var (arrived, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _here.Provider.Answer = async (http, _) =>
        {
            arrived.TrySetResult();
            await goOn.Task;
            await Answers.Json(http, Answers.Chat(1000, 500));
        };
        var call = _here.Http.SendAsync(_here.Post("/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[]}""", key));
        await arrived.Task.WaitAsync(Eventually.Limit);
        Assert.Equal((HttpStatusCode.OK, "OK"), await RequestAsync(_here, HttpMethod.Delete, "delete/janlay"));
        goOn.SetResult();
        using var response = await call;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("token_invalid", await _here.CallAsync(key));
        Assert.Equal(0.00045m, await _here.SpentAsync("janlay"));
    }

    [Fact]
    public async Task Admins_do_the_same_with_a_bearer_and_nobody_else_does()
    {
        var key = (await AdminAsync(_here, HttpMethod.Post, "janlay/key?days=30")).Text("key");
        Assert.Null(await _here.CallAsync(key));
        Assert.Equal((HttpStatusCode.Conflict, "user_exists"), await RefusedAsync(_here, HttpMethod.Post, "register/janlay"));
        var renewed = await AdminAsync(_here, HttpMethod.Post, "janlay/key/reset");
        Assert.Equal((Admin, "janlay"), (renewed.Text("made_by"), renewed.Text("user")));
        Assert.Equal("token_invalid", await _here.CallAsync(key));
        foreach (var token in (string[])[_here.Token(), renewed.Text("key")])
        {
            using var stranger = await _here.SendAsync(HttpMethod.Delete, "/admin/users/janlay", token);
            Assert.Equal("admin_only", await stranger.CodeAsync());
        }
        using var deleted = await _here.SendAsync(HttpMethod.Delete, "/admin/users/janlay", _here.Token(Admin));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal("token_invalid", await _here.CallAsync(renewed.Text("key")));
        using var wrong = await _here.SendAsync(HttpMethod.Get, "/admin/users/janlay/key", _here.Token(Admin));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong.StatusCode);
    }

    [Fact]
    public async Task Wishes_of_the_document_users_reset_their_own_key_keys_expire_usage_is_told_per_key()
    {
        var (_, key) = await RequestAsync(_here, HttpMethod.Post, "register/janlay?days=1");
        Assert.Null(await _here.CallAsync(key));
        using var reset = await _here.SendAsync(HttpMethod.Post, "/keys/reset", key);
        var renewed = await reset.JsonAsync();
        Assert.True(renewed.TryGetProperty("expires_at", out _));
        Assert.Equal("token_invalid", await _here.CallAsync(key));
        Assert.Null(await _here.CallAsync(renewed.Text("key")));
        using var byToken = await _here.SendAsync(HttpMethod.Post, "/keys/reset", _here.Token());
        Assert.Equal("invalid_request", await byToken.CodeAsync());

        var spend = Assert.Single((await _here.GetJsonAsync("/usage/spend", renewed.Text("key"))).GetProperty("keys").EnumerateArray());
        Assert.Equal((renewed.Text("id"), 2, 0.0009m),
            (spend.Text("key"), spend.GetProperty("calls").GetInt32(), spend.GetProperty("cost").GetDecimal()));

        await LedgerRows.ExecuteAsync(_database, "update api_keys set expires_at = expires_at - interval '1 day', changed_at = now(); "
            + "update changes set version = version + 1 where part = 'keys'");
        await Eventually.TrueAsync(async () => await _here.CallAsync(renewed.Text("key")) == "key_expired", "the key's end");
        Assert.Equal((HttpStatusCode.NotFound, "not_found"), await RefusedAsync(_here, HttpMethod.Post, "reset/janlay"));
        Assert.Equal(HttpStatusCode.OK, (await RequestAsync(_here, HttpMethod.Post, "register/janlay")).Status);
    }

    [Fact]
    public async Task Nonsense_is_refused()
    {
        (string Asked, string Code)[] wrong =
        [
            ("register/a%2Fb", "invalid_request"), ("register/a%252Fb", "invalid_request"), ("register/a%5Cb", "invalid_request"),
            ("register/%20", "invalid_request"), ("register/a%0Ab", "invalid_request"), ("register/jan%E2%80%AElay", "invalid_request"),
            ("register/janlay?days=0", "invalid_request"), ("register/janlay?days=-1", "invalid_request"),
            ("register/janlay?days=1e3", "invalid_request"), ("register/janlay?days=9999999999", "invalid_request"),
                ("register/a/b", "not_found"),
            ("register", "not_found"), ("register/../../admin/usage", "token_missing"), ("nothing", "not_found"), ("", "not_found"),
        ];
        foreach (var (rest, code) in wrong) Assert.Equal((rest, code), (rest, (await RefusedAsync(_here, HttpMethod.Post, rest)).Code));
    }

    [Fact]
    public async Task Wrong_methods_are_told_only_to_who_has_the_token()
    {
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "method_not_allowed"), await RefusedAsync(_here, HttpMethod.Get, "register/janlay"));
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "method_not_allowed"), await RefusedAsync(_here, HttpMethod.Post, "delete/janlay"));
        using var stranger = await _here.Http.GetAsync("/wrong-horse-battery/register/janlay");
        Assert.Equal("unknown_provider", await stranger.CodeAsync());
    }

    private static async Task<(HttpStatusCode Status, string Body)> RequestAsync(Gateway gateway, HttpMethod method, string rest)
    {
        using var response = await gateway.Http.SendAsync(new HttpRequestMessage(method, $"/{Word}/{rest}"));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<(HttpStatusCode Status, string? Code)> RefusedAsync(Gateway gateway, HttpMethod method, string rest)
    {
        using var response = await gateway.Http.SendAsync(new HttpRequestMessage(method, $"/{Word}/{rest}"));
        Assert.DoesNotContain(Word, await response.Content.ReadAsStringAsync() + response.Headers, StringComparison.Ordinal);
        return (response.StatusCode, await response.CodeAsync());
    }

    private static async Task<System.Text.Json.JsonElement> AdminAsync(Gateway gateway, HttpMethod method, string rest)
    {
        using var response = await gateway.SendAsync(method, $"/admin/users/{rest}", gateway.Token(Admin));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }
}
