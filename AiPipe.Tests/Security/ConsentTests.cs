using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.Security;

/// <summary>A remembered consent covers the address at which it was given, and no weaker way to hand the token over.</summary>
public sealed class ConsentTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Page = "https://app.example/chat?room=1";

    [Theory]
    [InlineData(Page, true)]
    [InlineData("https://APP.example:443/chat?room=1", true)]
    [InlineData("https://app.example/chat?room=2", false)]
    [InlineData("https://app.example/chat", false)]
    [InlineData("https://app.example/", false)]
    [InlineData("https://app.example/redirect?to=https://evil.example", false)]
    [InlineData("https://app.example/chat?room=1&next=https://evil.example", false)]
    [InlineData("https://app.example/chat/?room=1", false)]
    [InlineData("https://app.example/chat?room=1#x", false)]
    public async Task Consent_covers_the_exact_address(string redirect, bool isCovered)
    {
        var granted = await Gateway.GrantAsync(new { redirect = Page, limit = 0.1, remember = true });
        await AssertCoveredAsync(isCovered, granted.Text("id"), redirect, hasChallenge: false);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, false, true)]
    [InlineData(false, true, true)]
    public async Task Consent_to_a_code_covers_codes_only(bool usedCode, bool wantsCode, bool isCovered)
    {
        var granted = await GrantAsync(Page, usedCode);
        await AssertCoveredAsync(isCovered, granted.Text("id"), Page, wantsCode);
    }

    [Fact]
    public async Task App_that_has_used_a_code_gets_no_token_in_its_address_unasked_anywhere()
    {
        await GrantAsync("https://app.example/other", hasChallenge: true);
        var granted = await GrantAsync(Page, hasChallenge: false);
        await AssertCoveredAsync(isCovered: false, granted.Text("id"), Page, hasChallenge: false);
        await AssertCoveredAsync(isCovered: true, granted.Text("id"), Page, hasChallenge: true);
    }

    private Task<System.Text.Json.JsonElement> GrantAsync(string redirect, bool hasChallenge) => Gateway.GrantAsync(
        new { redirect, limit = 0.1, remember = true, code_challenge = hasChallenge ? AppClient.Challenge : null, code_challenge_method = hasChallenge ? "S256" : null });

    private async Task AssertCoveredAsync(bool isCovered, string id, string redirect, bool hasChallenge)
    {
        var query = $"redirect={Uri.EscapeDataString(redirect)}" + (hasChallenge ? $"&code_challenge={AppClient.Challenge}&code_challenge_method=S256" : "");
        var check = await Gateway.GetJsonAsync("/login/check?" + query);
        Assert.Equal(isCovered, check.TryGetProperty("remembered", out _));
        using var response = await Gateway.SendAsync(HttpMethod.Post, "/grants", Gateway.Token(), new
        {
            redirect,
            grant = id,
            code_challenge = hasChallenge ? AppClient.Challenge : null,
            code_challenge_method = hasChallenge ? "S256" : null,
        });
        Assert.Equal(isCovered ? HttpStatusCode.OK : HttpStatusCode.NotFound, response.StatusCode);
    }
}
