using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Accounts.SignIn;

/// <summary>Google's credential for an AI Pipe token.</summary>
public sealed class SignInTests(PostgresFixture postgres, SharedGateway shared, GoogleSite google)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>, IClassFixture<GoogleSite>
{
    protected override void Configure(Dictionary<string, string?> settings) => google.Configure(settings);

    [Fact]
    public async Task Credential_becomes_a_token_that_we_accept()
    {
        using var response = await SignInAsync(google.Key.Sign(new GoogleClaims { Email = Gateway.User.ToUpperInvariant() }));
        var answer = await response.JsonAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal("token", answer.EnumerateObject().First().Name);
        Assert.Equal(Gateway.User, answer.GetProperty("email").GetString());
        Assert.Equal("Ann Example", answer.GetProperty("name").GetString());
        Assert.Equal("https://pictures.example/ann", answer.GetProperty("picture").GetString());
        Assert.Null(await Gateway.CallAsync(answer.GetProperty("token").GetString()!));
    }

    [Fact]
    public async Task Who_signed_in_is_written_down_and_who_is_disabled_stays_out()
    {
        (await SignInAsync(google.Key.Sign(new GoogleClaims { Email = Gateway.User.ToUpperInvariant() }))).Dispose();
        var admin = Gateway.Token("admin@example.com");
        var ann = await Gateway.GetJsonAsync($"/admin/people/{Gateway.User}", admin);
        Assert.Equal("Ann Example", ann.GetProperty("name").GetString());

        (await Gateway.SendAsync(HttpMethod.Post, $"/admin/people/{Gateway.User}/disable", admin)).Dispose();
        using var response = await SignInAsync(google.Key.Sign(new GoogleClaims { Email = Gateway.User }));
        Assert.Equal((HttpStatusCode.Forbidden, "account_disabled"), (response.StatusCode, await response.CodeAsync()));
    }

    public static TheoryData<string> Unacceptable => new(BadClaims.Keys);

    private static readonly Dictionary<string, GoogleClaims> BadClaims = new()
    {
        ["made for another site"] = new() { Audience = "another-client" },
        ["from somebody else"] = new() { Issuer = "https://accounts.evil.example" },
        ["expired"] = new() { ExpiresIn = TimeSpan.FromMinutes(-5) },
        ["not verified"] = new() { IsVerified = false },
        ["nameless"] = new() { Email = "" },
    };

    [Theory]
    [MemberData(nameof(Unacceptable))]
    public async Task Unacceptable_credential_is_refused(string why) => await AssertInvalidAsync(google.Key.Sign(BadClaims[why]));

    [Fact]
    public async Task Credential_signed_by_another_key_is_refused()
    {
        using var stranger = new GoogleKey();
        await AssertInvalidAsync(stranger.Sign(new GoogleClaims()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    [InlineData("e30.e30.e30")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.")]
    [InlineData("bnVsbA.bnVsbA.AAAA")]
    [InlineData("W10.W10.AAAA")]
    public async Task Text_that_is_no_credential_is_refused(string credential) => await AssertInvalidAsync(credential);

    [Theory]
    [InlineData("ann@example.com", HttpStatusCode.OK)]
    [InlineData("ann@EXAMPLE.com", HttpStatusCode.OK)]
    [InlineData("ann@sub.example.com", HttpStatusCode.Forbidden)]
    [InlineData("ann@notexample.com", HttpStatusCode.Forbidden)]
    public async Task Only_configured_domains_are_let_in(string email, HttpStatusCode status)
    {
        await using var gateway = await StartAsync(new() { ["AiPipe:Logins:Domains:0"] = "Example.com" });
        using var response = await SignInAsync(google.Key.Sign(new GoogleClaims { Email = email }), gateway);

        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.Forbidden) Assert.Equal("domain_not_allowed", await response.CodeAsync());
    }

    [Theory]
    [InlineData("AiPipe:Logins:Google", "false")]
    [InlineData("GOOGLE_CLIENT_ID", "")]
    public async Task Without_configuration_nobody_signs_in(string key, string value)
    {
        await using var gateway = await StartAsync(new() { [key] = value });
        using var response = await SignInAsync(google.Key.Sign(new GoogleClaims()), gateway);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "sign_in_not_configured"), (response.StatusCode, await response.CodeAsync()));
    }

    [Fact]
    public async Task Keys_that_cannot_be_read_are_not_the_credentials_fault()
    {
        await using var gateway = await StartAsync(new() { ["AiPipe:Logins:GoogleCertificatesUrl"] = "http://127.0.0.1:1/certs" });
        using var response = await SignInAsync(google.Key.Sign(new GoogleClaims()), gateway);
        Assert.Equal((HttpStatusCode.BadGateway, "upstream_unreachable"), (response.StatusCode, await response.CodeAsync()));
    }

    [Fact]
    public async Task Address_that_tries_too_often_is_told_so()
    {
        await using var gateway = await StartAsync(new() { ["AiPipe:Logins:PerMinute"] = "1" }, isStill: true);
        (await SignInAsync("a.b.c", gateway)).Dispose();
        using var response = await SignInAsync(google.Key.Sign(new GoogleClaims()), gateway);
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (response.StatusCode, await response.CodeAsync()));
    }

    private Task<Gateway> StartAsync(Dictionary<string, string?> changes, bool isStill = false)
    {
        return isStill ? Gateway.StartStillAsync(Database, ConfigureAnew) : Gateway.StartAsync(Database, ConfigureAnew);

        void ConfigureAnew(Dictionary<string, string?> settings)
        {
            Configure(settings);
            foreach (var (key, value) in changes) settings[key] = value;
        }
    }

    private Task<HttpResponseMessage> SignInAsync(string credential, Gateway? gateway = null) =>
        (gateway ?? Gateway).Http.GetAsync($"{(gateway ?? Gateway).Address}/token?credential={Uri.EscapeDataString(credential)}");

    private async Task AssertInvalidAsync(string credential)
    {
        using var response = await SignInAsync(credential);
        Assert.Equal((HttpStatusCode.Unauthorized, "token_invalid"), (response.StatusCode, await response.CodeAsync()));
        Assert.True(response.Headers.CacheControl!.NoStore);
    }
}
