using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static AiPipe.Tests.Features.Apisix.ApisixClient;

namespace AiPipe.Tests.Features.Apisix;

/// <summary>How connections to a route's target are made and kept: <c>keepalive</c>, <c>keepalive_pool</c>, <c>ssl_verify</c>.</summary>
public sealed class RouteConnectionTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    private const string Asked = """{"messages":[{"role":"user","content":"Hi"}]}""";

    private readonly ConcurrentDictionary<string, int> _connections = new();

    protected override void Configure(Dictionary<string, string?> settings) => settings["ADMIN_API_KEY"] = Key;

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 3)]
    public async Task Connection_is_used_again_only_where_the_route_keeps_it(bool keepalive, int connections)
    {
        Provider.Answer = CountAsync;
        await Gateway.PutRouteAsync("1", Route(ai => ai["keepalive"] = keepalive));
        for (var i = 0; i < 3; i++) await CallAsync();
        Assert.Equal(connections, _connections.Count);
    }

    [Fact]
    public async Task Of_many_calls_at_once_only_as_many_connections_are_kept_as_the_pool_has_and_none_waits()
    {
        var (arrived, go) = (new CountdownEvent(5), new TaskCompletionSource());
        Provider.Answer = async (http, seen) =>
        {
            if (!arrived.IsSet) arrived.Signal();
            await go.Task;
            await CountAsync(http, seen);
        };
        await Gateway.PutRouteAsync("1", Route(ai => (ai["keepalive_pool"], ai["timeout"]) = (2, 60_000)));
        var calls = Enumerable.Range(0, 5).Select(_ => CallAsync()).ToList();
        await Task.Run(() => arrived.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        go.SetResult();
        await Task.WhenAll(calls);
        Assert.Equal(5, _connections.Count);
        Assert.Equal(3, Provider.Seen.Count(seen => seen.Headers.TryGetValue("Connection", out var connection) && connection == "close"));
    }

    [Fact]
    public async Task Certificate_that_nobody_trusts_is_refused_unless_the_route_says_not_to_look()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90));
        using var usable = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(usable)));
        await using var app = builder.Build();
        app.Run(http => Answers.Json(http, Answers.Chat(10, 5)));
        await app.StartAsync(TestContext.Current.CancellationToken);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        Assert.Equal("upstream_unreachable", await AtAsync(address, verify: true));
        Assert.Null(await AtAsync(address, verify: false));
        Assert.Equal("upstream_unreachable", await AtAsync(address, verify: true));
        await Gateway.FlushAsync();
        Assert.Equal([0m, 0.0000045m, 0m], (await LedgerRowsAsync()).Select(row => row.Cost));
    }

    private async Task<string?> AtAsync(string address, bool verify)
    {
        await Gateway.PutRouteAsync("1", Route(ai => (ai["ssl_verify"], ai["model"]!["override"]) = (verify, new JsonObject { ["endpoint"] = address })));
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));
        return response.IsSuccessStatusCode ? null : await response.CodeAsync();
    }

    private async Task CallAsync()
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private Task CountAsync(Microsoft.AspNetCore.Http.HttpContext http, SeenRequest seen)
    {
        _connections.AddOrUpdate(http.Connection.Id, 1, static (_, count) => count + 1);
        return Answers.Json(http, Answers.Chat(10, 5));
    }
}
