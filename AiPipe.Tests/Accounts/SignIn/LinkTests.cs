using System.Net;
using System.Text;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AiPipe.Tests.Accounts.SignIn;

/// <summary>One-time links, and what a token of one may do.</summary>
public sealed class LinkTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task Link_signs_in_once_and_opening_it_uses_nothing_up()
    {
        var link = await LinkAsync();
        for (var i = 0; i < 3; i++) (await Gateway.Http.GetAsync(link)).Dispose();
        (await Gateway.Http.GetAsync("/token?link=" + CodeOf(link))).Dispose();

        using var first = await RedeemAsync(link);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        var answer = await first.JsonAsync();
        Assert.Equal(Gateway.User, answer.Text("email"));
        Assert.Null(await Gateway.CallAsync(answer.Text("token")));
        using var second = await RedeemAsync(link);
        Assert.Equal((HttpStatusCode.Unauthorized, "credentials_wrong"), (second.StatusCode, await second.CodeAsync()));
    }

    [Fact]
    public async Task Of_many_who_come_at_once_one_is_let_in()
    {
        var link = await LinkAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RedeemAsync(link)));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
    }

    [Fact]
    public async Task Link_that_Postgres_used_without_our_hearing_of_it_signs_in_all_the_same()
    {
        var lost = new LostAnswer("update sign_in_links set used_at");
        await using var gateway = await Gateway.StartAsync(
            Database, extend: builder => builder.Services.ConfigureDbContext<AiPipeDb>(options => options.AddInterceptors(lost)));
        var code = CodeOf(await LinkAsync());
        using var response = await gateway.Http.SendAsync(gateway.Post("/token", $$"""{"link":"{{code}}"}"""));
        Assert.Equal((HttpStatusCode.OK, true), (response.StatusCode, lost.HasHappened));
        using var second = await RedeemAsync("=" + code);
        Assert.Equal("credentials_wrong", await second.CodeAsync());
    }

    [Theory]
    [InlineData("update sign_in_links set expires_at = '2000-01-01Z'")]
    [InlineData("update sign_in_links set used_at = now()")]
    [InlineData("delete from sign_in_links")]
    public async Task Link_that_is_over_signs_nobody_in(string change)
    {
        var link = await LinkAsync();
        await RunAsync(change);
        using var response = await RedeemAsync(link);
        Assert.Equal("credentials_wrong", await response.CodeAsync());
    }

    [Fact]
    public async Task Table_holds_no_code_that_could_be_used()
    {
        await StartOwnAsync();
        var code = CodeOf(await LinkAsync());
        await using var source = NpgsqlDataSource.Create(Database);
        await using var read = source.CreateCommand("select sign_in_links::text || encode(hash, 'escape') from sign_in_links");
        Assert.DoesNotContain(code, (string)(await read.ExecuteScalarAsync())!, StringComparison.Ordinal);
        Assert.DoesNotContain(Gateway.Logs.Lines, line => line.Contains(code, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_came_by_a_link_sets_a_password_without_the_current_one_for_a_quarter_of_an_hour()
    {
        (await Gateway.SendAsync(
            HttpMethod.Post, "/admin/people", Gateway.Token("admin@example.com"), new { email = Gateway.User, password = Password }))
                .Dispose();
        var past = TestClock.UtcNow.AddMinutes(-16).ToUnixTimeSeconds();
        var stale = Jwt.Sign(Encoding.UTF8.GetBytes($$"""{"email":"{{Gateway.User}}","amr":["link"],"iat":{{past}}}"""), Encoding.UTF8.GetBytes(Gateway.Secret));
        using var late = await Gateway.SendAsync(HttpMethod.Put, "/token/password", stale, new { @new = Password });
        Assert.Equal((HttpStatusCode.Unauthorized, "credentials_wrong"), (late.StatusCode, await late.CodeAsync()));

        using var signedIn = await RedeemAsync(await LinkAsync());
        using var fresh = await Gateway.SendAsync(
            HttpMethod.Put, "/token/password", (await signedIn.JsonAsync()).Text("token"), new { @new = "another horse battery" });
        Assert.Equal(HttpStatusCode.NoContent, fresh.StatusCode);
    }

    [Fact]
    public async Task Only_admins_make_links_and_the_audit_trail_tells_for_whom()
    {
        using var response = await Gateway.SendAsync(HttpMethod.Post, "/admin/people/admin@example.com/link", Gateway.Token());
        Assert.Equal("admin_only", await response.CodeAsync());
        var code = CodeOf(await LinkAsync());
        var audit = (await Gateway.GetJsonAsync("/admin/audit", Gateway.Token("admin@example.com"))).ToString();
        Assert.Contains("link.issue", audit, StringComparison.Ordinal);
        Assert.DoesNotContain(code, audit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"email":"ann@example.com","amr":"link","iat":1.5}""")]
    [InlineData("""{"email":"ann@example.com","amr":{"a":[1]},"iat":-1e3}""")]
    [InlineData("""{"email":"ann@example.com","amr":[1,["link"]]}""")]
    public async Task Tokens_from_elsewhere_may_say_what_they_like_of_how_somebody_signed_in(string payload)
    {
        var token = Jwt.Sign(Encoding.UTF8.GetBytes(payload), Encoding.UTF8.GetBytes(Gateway.Secret));
        Assert.Null(await Gateway.CallAsync(token));
    }

    private async Task<string> LinkAsync()
    {
        using var response = await Gateway.SendAsync(
            HttpMethod.Post, $"/admin/people/{Gateway.User.Replace("user", "User", StringComparison.Ordinal)}/link",
            Gateway.Token("admin@example.com"));
        var link = (await response.JsonAsync()).Text("link");
        Assert.StartsWith(Gateway.Address + "/login?link=", link, StringComparison.Ordinal);
        return link;
    }

    private Task<HttpResponseMessage> RedeemAsync(string link) => Gateway.Http.SendAsync(Gateway.Post("/token", $$"""{"link":"{{CodeOf(link)}}"}"""));

    private static string CodeOf(string link) => link[(link.IndexOf('=', StringComparison.Ordinal) + 1)..];

    private async Task RunAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
