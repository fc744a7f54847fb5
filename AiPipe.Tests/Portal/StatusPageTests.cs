using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Portal;

/// <summary>The console's status page while Postgres stops and starts.</summary>
public sealed class StatusPageTests : IAsyncLifetime
{
    private const string Admin = "admin@example.com";

    private readonly PostgresServer _postgres = new();
    private readonly Visitor _visitor = new();
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        await _postgres.StartAsync();
        _gateway = await Gateway.StartAsync(await _postgres.NewDatabaseAsync(), servesPages: true);
    }

    public async ValueTask DisposeAsync()
    {
        _visitor.Dispose();
        if (_gateway is not null) await _gateway.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    [Fact]
    public async Task Status_page_shows_what_is_known_during_an_outage()
    {
        await SignInAsync();
        Assert.Null(await _gateway.CallAsync(_gateway.Token(Admin)));
        await _gateway.FlushAsync();
        var before = await ReadAsync();
        Assert.Contains("$0.00045", before, StringComparison.Ordinal);
        Assert.DoesNotContain("unavailable", before, StringComparison.Ordinal);

        await _postgres.StopAsync();
        Assert.Null(await _gateway.CallAsync(_gateway.Token(Admin)));
        var outage = await ReadAsync();
        Assert.Contains("Postgres is unavailable.", outage, StringComparison.Ordinal);
        Assert.Contains("Spending is unavailable while Postgres is.", outage, StringComparison.Ordinal);
        Assert.Contains("<dt>Pending ledger entries</dt><dd>1</dd>", outage, StringComparison.Ordinal);
        Assert.Contains("(this one)", outage, StringComparison.Ordinal);
        Assert.Contains("href=\"/console\"", outage, StringComparison.Ordinal);

        await _postgres.StartAsync();
        await Eventually.TrueAsync(
            async () => (await ReadAsync()).Contains("in 2 calls", StringComparison.Ordinal), "the status page after the outage");
    }

    private async Task SignInAsync()
    {
        using var response = await _gateway.SendAsync(HttpMethod.Post, $"/admin/people/{Admin}/link", _gateway.Token(Admin));
        var link = new Uri(_gateway.Address + new Uri((await response.JsonAsync()).Text("link")).PathAndQuery);
        using var signedIn = await _visitor.PostAsync(new Uri(_gateway.Address), await _visitor.OpenFormAsync(link));
        Assert.Equal("/account", signedIn.Headers.Location?.OriginalString);
    }

    private async Task<string> ReadAsync()
    {
        using var page = await _visitor.GetAsync(new Uri(_gateway.Address + "/console"));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        return WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync());
    }
}
