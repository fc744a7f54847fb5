using System.Net;
using System.Text.Json;
using AiPipe.Proxy.Callers;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AiPipe.Tests.Accounts.SignIn;

/// <summary>Names and passwords.</summary>
public sealed class PasswordTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Password = "correct horse battery";

    private string Admin => Gateway.Token("admin@example.com");

    [Fact]
    public async Task Password_becomes_a_token_in_json_and_in_a_form()
    {
        await AddAsync(Gateway.User.Replace("user", "User", StringComparison.Ordinal));
        using var response = await SignInAsync(new { email = Gateway.User.ToUpperInvariant() + " ", password = Password });
        var answer = await response.JsonAsync();
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal((Gateway.User, "Ann"), (answer.Text("email"), answer.Text("name")));
        Assert.Null(await Gateway.CallAsync(answer.Text("token")));

        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = Gateway.User, ["password"] = Password });
        using var second = await Gateway.Http.PostAsync("/token", form);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    [Fact]
    public async Task Whatever_is_wrong_is_told_in_the_same_words()
    {
        await AddAsync(Gateway.User);
        await AddAsync("bob@example.com", password: null);
        var bodies = new List<string>();
        foreach (var (email, password) in new[]
        {
            (Gateway.User, "wrong horse battery"), ("bob@example.com", Password), ("nobody@example.com", Password),
            (Gateway.User, new string('x', 10_000)), ("no\u0000body", Password), (Gateway.User, ""), (new string('n', 9_000), Password),
        })
        {
            using var response = await SignInAsync(new { email, password });
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            bodies.Add(await response.Content.ReadAsStringAsync());
        }
        Assert.Single(bodies.Distinct());
        Assert.Contains("credentials_wrong", bodies[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"email":"ann@example.com"}""", "invalid_request")]
    [InlineData("""{"password":"correct horse battery"}""", "invalid_request")]
    [InlineData("""{"email":"ann@example.com","password":"correct horse battery","link":"x"}""", "invalid_request")]
    [InlineData("""{"email":"ann@example.com","email":"bob@example.com","password":"correct horse battery"}""", "bad_json")]
    [InlineData("""{"email":{},"password":[]}""", "bad_json")]
    [InlineData("""{"email":"\ud800","password":"correct horse battery"}""", "bad_json")]
    [InlineData("null", "bad_json")]
    [InlineData("", "bad_json")]
    public async Task Body_that_says_nothing_clear_is_refused(string body, string code)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/token", body));
        Assert.Equal((HttpStatusCode.BadRequest, code), (response.StatusCode, await response.CodeAsync()));
    }

    [Fact]
    public async Task Body_that_is_large_is_refused_unread()
    {
        using var response = await SignInAsync(new { email = "ann@example.com", password = new string('x', 100_000) });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Guesses_at_one_name_are_limited_from_wherever_they_come_whether_there_is_such_a_name_or_not()
    {
        await AddAsync(Gateway.User);
        await using var still = await Gateway.StartStillAsync(Database);
        foreach (var email in new[] { Gateway.User, "nobody@example.com" })
        {
            var statuses = new List<HttpStatusCode>();
            for (var i = 0; i < 11; i++) statuses.Add(await GuessAsync(still, email, $"203.0.113.{i}", $"wrong horse {i}"));
            Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.Unauthorized, 10), HttpStatusCode.TooManyRequests], statuses);
        }
    }

    [Theory]
    [InlineData("198.51.100.1")]
    [InlineData("2001:db8:1::1")]
    public async Task Guesses_of_another_do_not_lock_the_right_person_out(string attacker)
    {
        await AddAsync(Gateway.User);
        await using var still = await Gateway.StartStillAsync(Database);
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await GuessAsync(still, Gateway.User, attacker, $"wrong horse {i}"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await GuessAsync(still, Gateway.User, attacker, "wrong horse"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await GuessAsync(still, Gateway.User, attacker, Password));
        Assert.Equal(HttpStatusCode.OK, await GuessAsync(still, Gateway.User, "203.0.113.9", Password));
    }

    [Fact]
    public async Task Person_signs_in_from_a_known_place_whoever_guesses_wherever()
    {
        await AddAsync(Gateway.User);
        await using var still = await Gateway.StartStillAsync(Database);
        Assert.Equal(HttpStatusCode.OK, await GuessAsync(still, Gateway.User, "203.0.113.200", Password));
        for (var i = 0; i < 12; i++) await GuessAsync(still, Gateway.User, $"198.51.100.{i}", "wrong horse");
        for (var i = 0; i < 12; i++) await GuessAsync(still, Gateway.User, "203.0.113.200", "wrong horse");

        Assert.Equal(HttpStatusCode.TooManyRequests, await GuessAsync(still, Gateway.User, "203.0.113.201", Password));
        Assert.Equal(HttpStatusCode.OK, await GuessAsync(still, Gateway.User, "203.0.113.200", Password));
        await using var source = NpgsqlDataSource.Create(Database);
        await using var read = source.CreateCommand($"select people::text from people where email = '{Gateway.User}'");
        Assert.DoesNotContain("203.0.113", (string)(await read.ExecuteScalarAsync())!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Right_passwords_do_not_count_as_guesses()
    {
        await AddAsync(Gateway.User);
        await using var still = await Gateway.StartStillAsync(Database);
        for (var i = 0; i < 15; i++) Assert.Equal(HttpStatusCode.OK, await GuessAsync(still, Gateway.User, $"203.0.113.{i}", Password));
    }

    [Fact]
    public async Task Token_alone_sets_no_first_password_but_a_fresh_sign_in_does()
    {
        using var refused = await Gateway.SendAsync(HttpMethod.Put, "/token/password", Gateway.Token(), new { @new = Password });
        Assert.Equal((HttpStatusCode.Forbidden, "sign_in_again"), (refused.StatusCode, await refused.CodeAsync()));
        var issuer = Gateway.Services.GetRequiredService<TokenIssuer>();
        foreach (var method in new[] { "password", "sms" })
        {
            using var other = await Gateway.SendAsync(
                HttpMethod.Put, "/token/password", issuer.Issue(Gateway.User, method: method), new { @new = Password });
            Assert.Equal("sign_in_again", await other.CodeAsync());
        }
        using var fresh = await Gateway.SendAsync(
            HttpMethod.Put, "/token/password", issuer.Issue(Gateway.User, method: TokenPayload.ByGoogle), new { @new = Password });
        Assert.Equal(HttpStatusCode.NoContent, fresh.StatusCode);
    }

    [Fact]
    public async Task Change_of_a_password_ends_the_tokens_of_earlier_sign_ins()
    {
        await AddAsync(Gateway.User);
        using var first = await SignInAsync(new { email = Gateway.User, password = Password });
        var token = (await first.JsonAsync()).Text("token");
        Assert.Equal(HttpStatusCode.NoContent, await ChangeAsync(Password, "another horse battery"));
        Assert.Equal("token_revoked", await Gateway.CallAsync(token));
        using var second = await SignInAsync(new { email = Gateway.User, password = "another horse battery" });
        Assert.Null(await Gateway.CallAsync((await second.JsonAsync()).Text("token")));
    }

    private static async Task<HttpStatusCode> GuessAsync(Gateway gateway, string email, string address, string password)
    {
        using var request = gateway.Post("/token", JsonSerializer.Serialize(new { email, password }));
        request.Headers.Add("X-Forwarded-For", address);
        using var response = await gateway.Http.SendAsync(request);
        return response.StatusCode;
    }

    [Fact]
    public async Task Domains_hold_for_passwords_and_passwords_can_be_turned_off()
    {
        await AddAsync(Gateway.User);
        await using var school = await Gateway.StartAsync(Database, settings => settings["AiPipe:Logins:Domains:0"] = "school.example");
        using var outside = await SignInAsync(new { email = Gateway.User, password = Password }, school);
        Assert.Equal((HttpStatusCode.Forbidden, "domain_not_allowed"), (outside.StatusCode, await outside.CodeAsync()));

        await using var closed = await Gateway.StartAsync(Database, settings => settings["AiPipe:Logins:Passwords"] = "false");
        using var off = await SignInAsync(new { email = Gateway.User, password = Password }, closed);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "sign_in_not_configured"), (off.StatusCode, await off.CodeAsync()));
        using var change = await closed.SendAsync(HttpMethod.Put, "/token/password", closed.Token(Gateway.User), new { @new = Password });
        Assert.Equal("sign_in_not_configured", await change.CodeAsync());
    }

    [Theory]
    [InlineData("123456789")]
    [InlineData("{user}")]
    [InlineData("{USER}")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("1234567890")]
    [InlineData("0987654321")]
    [InlineData("qwertyuiop")]
    [InlineData("password123")]
    [InlineData("P@ssw0rd2026")]
    [InlineData("iloveyou12")]
    [InlineData("abcabcabcabc")]
    [InlineData("abcdefghij")]
    public async Task Password_that_anybody_guesses_is_refused(string password)
    {
        password = password.Replace("{user}", Gateway.User, StringComparison.Ordinal)
            .Replace("{USER}", Gateway.User.ToUpperInvariant(), StringComparison.Ordinal);
        using var response = await Gateway.SendAsync(HttpMethod.Put, "/token/password", Gateway.Token(), new { @new = password });
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (response.StatusCode, await response.CodeAsync()));
        using var @long = await Gateway.SendAsync(
            HttpMethod.Put, "/token/password", Gateway.Token(), new { @new = new string('x', 128) + "y" });
        Assert.Equal(HttpStatusCode.BadRequest, @long.StatusCode);
    }

    [Fact]
    public async Task Who_has_a_password_changes_it_with_the_current_one_only()
    {
        await AddAsync(Gateway.User);
        Assert.Equal(HttpStatusCode.Unauthorized, await ChangeAsync(null, "another horse battery"));
        Assert.Equal(HttpStatusCode.Unauthorized, await ChangeAsync("wrong horse battery", "another horse battery"));
        Assert.Equal(HttpStatusCode.NoContent, await ChangeAsync(Password, "another horse battery"));
        using var old = await SignInAsync(new { email = Gateway.User, password = Password });
        Assert.Equal(HttpStatusCode.Unauthorized, old.StatusCode);
        using var @new = await SignInAsync(new { email = Gateway.User, password = "another horse battery" });
        Assert.Equal(HttpStatusCode.OK, @new.StatusCode);
    }

    [Fact]
    public async Task Old_hash_is_made_anew_by_who_knows_its_password()
    {
        await AddAsync(Gateway.User);
        // The framework's format of 2013: HMAC-SHA1, a thousand rounds, 16 bytes of salt.
        var salt = new byte[16];
        byte[] hash = [0, .. salt,
            .. System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2(
            Password, salt, 1000, System.Security.Cryptography.HashAlgorithmName.SHA1, 32)];
        await using var source = NpgsqlDataSource.Create(Database);
        await using (var set = source.CreateCommand($"update people set password_hash = '{Convert.ToBase64String(hash)}' where email = "
            + $"'{Gateway.User}'")) await set.ExecuteNonQueryAsync();

        using var response = await SignInAsync(new { email = Gateway.User, password = Password });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var read = source.CreateCommand($"select password_hash from people where email = '{Gateway.User}'");
        Assert.Equal(1, Convert.FromBase64String((string)(await read.ExecuteScalarAsync())!)[0]);
        using var again = await SignInAsync(new { email = Gateway.User, password = Password });
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    private async Task AddAsync(string email, string? password = Password)
    {
        using var response = await Gateway.SendAsync(HttpMethod.Post, "/admin/people", Admin, new { email, name = "Ann", password });
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.DoesNotContain(Password, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> ChangeAsync(string? current, string @new)
    {
        using var response = await Gateway.SendAsync(HttpMethod.Put, "/token/password", Gateway.Token(), new { current, @new });
        return response.StatusCode;
    }

    private Task<HttpResponseMessage> SignInAsync(object body, Gateway? gateway = null) =>
        (gateway ?? Gateway).Http.SendAsync((gateway ?? Gateway).Post("/token", JsonSerializer.Serialize(body)));
}
