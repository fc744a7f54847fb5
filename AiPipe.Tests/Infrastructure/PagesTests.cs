using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AiPipe.Proxy.Callers;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Infrastructure;

/// <summary>The services as processes, in both shapes: the Proxy serves the Portal's pages itself, or forwards them to a Portal.</summary>
public sealed class PagesTests(PostgresFixture postgres) : IDisposable
{
    private const string Admin = "admin@example.com";

    private readonly AppHost.TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Proxy_alone_serves_the_pages_itself()
    {
        await using var proxy = ServiceProcess.StartProxy(await ProxyAsync(
            ("ASPNETCORE_ENVIRONMENT", "Development"),
            // An empty address names no Portal.
            ("services__portal__http__0", ""),
            ("OPENAI_API_KEY", "sk-canary-1"),
            ("AiPipe__Providers__openrouter__Keys__0", "sk-canary-2"),
            ("Logging__LogLevel__Default", "Debug")));
        var address = await proxy.AddressAsync();
        await AssertPagesAsync(address, await File.ReadAllTextAsync(Path.Combine(_folder.Path, "secret")));
        Assert.Equal(0, await proxy.StopAsync());
        Assert.DoesNotContain("canary", proxy.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", proxy.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Proxy_forwards_the_pages_to_the_Portals_that_discovery_names()
    {
        var (proxyAddress, portalAddresses) = (Local(), new[] { Local(), Local() });
        await using var proxy = ServiceProcess.StartProxy(await ProxyAsync(
            ("ASPNETCORE_URLS", proxyAddress),
            ("AIPIPE_SECRET", Gateway.Secret),
            ("services__portal__http__0", portalAddresses[0]),
            ("services__portal__http__1", portalAddresses[1])));
        // Portals that share keys are one to a visitor, wherever a request arrives.
        await using var first = StartPortal(portalAddresses[0], proxyAddress);
        await using var second = StartPortal(portalAddresses[1], proxyAddress);
        foreach (var process in (ServiceProcess[])[proxy, first, second]) await process.AddressAsync();
        await AssertPagesAsync(new Uri(proxyAddress), Gateway.Secret);

        Assert.Equal(0, await first.StopAsync());
        Assert.Equal(0, await second.StopAsync());
        using var http = new HttpClient();
        using var unanswered = await http.GetAsync(new Uri(proxyAddress));
        Assert.Equal(HttpStatusCode.BadGateway, unanswered.StatusCode);
    }

    private ServiceProcess StartPortal(string address, string proxy) => ServiceProcess.StartPortal(new()
    {
        ["ASPNETCORE_URLS"] = address,
        ["services__proxy__http__0"] = proxy,
        ["Portal__Keys"] = Path.Combine(_folder.Path, "cookie-keys"),
    });

    private async Task<Dictionary<string, string?>> ProxyAsync(params (string Name, string Value)[] more)
    {
        var environment = new Dictionary<string, string?>
        {
            ["AIPIPE_DATA"] = _folder.Path,
            ["ConnectionStrings__aipipe"] = await postgres.NewDatabaseAsync(),
            ["ADMIN_EMAILS"] = Admin,
        };
        foreach (var (name, value) in more) environment[name] = value;
        return environment;
    }

    private static async Task AssertPagesAsync(Uri address, string secret)
    {
        using var http = new HttpClient { BaseAddress = address };
        Assert.Contains($"{address.GetLeftPart(UriPartial.Authority)}/openai/v1", await http.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Contains("getProfile", await http.GetStringAsync("/aipipe.js"), StringComparison.Ordinal);
        Assert.Contains("--accent", await http.GetStringAsync("/portal.css"), StringComparison.Ordinal);
        using var usage = await http.GetAsync("/usage");
        Assert.Equal(HttpStatusCode.Unauthorized, usage.StatusCode);

        using var visitor = new Visitor();
        var form = await visitor.OpenFormAsync(await LinkAsync(http, secret));
        using var signedIn = await visitor.PostAsync(address, form);
        Assert.Equal((HttpStatusCode.Redirect, "/account"), (signedIn.StatusCode, signedIn.Headers.Location?.OriginalString));
        using var account = await visitor.GetAsync(new Uri(address, "/account"));
        Assert.Equal(HttpStatusCode.OK, account.StatusCode);
        Assert.Contains("ann@example.com", await account.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>A one-time link, as an admin makes it for a person.</summary>
    private static async Task<Uri> LinkAsync(HttpClient http, string secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/admin/people/ann@example.com/link");
        var token = Jwt.Sign(Encoding.UTF8.GetBytes($$"""{"email":"{{Admin}}"}"""), Encoding.UTF8.GetBytes(secret));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request);
        return new Uri((await response.EnsureSuccessStatusCode().JsonAsync()).Text("link"));
    }

    private static string Local() => $"http://127.0.0.1:{ServerPorts.Take()}";
}
