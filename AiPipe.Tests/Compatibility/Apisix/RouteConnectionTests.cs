using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static AiPipe.Tests.Compatibility.Apisix.ApisixClient;

namespace AiPipe.Tests.Compatibility.Apisix;

/// <summary>
/// How connections to a route's target are made and kept: <c>keepalive</c>, <c>keepalive_timeout</c>, <c>keepalive_pool</c>,
/// <c>ssl_verify</c>.
/// </summary>
public sealed class RouteConnectionTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    private const string Asked = """{"messages":[{"role":"user","content":"Hi"}]}""";

    private readonly ConcurrentDictionary<string, int> _connections = new();

    protected override void Configure(Dictionary<string, string?> settings) => settings["ADMIN_API_KEY"] = Key;

    [Theory]
    [InlineData(null, 1)]
    [InlineData(true, 1)]
    [InlineData(false, 3)]
    public async Task Connection_is_used_again_only_where_the_route_keeps_it(bool? keepalive, int connections)
    {
        Provider.Answer = CountAsync;
        await Gateway.PutRouteAsync("1", Route(ai => Write(ai, "keepalive", keepalive)));
        for (var i = 0; i < 3; i++) await CallAsync();
        Assert.Equal(connections, _connections.Count);
    }

    [Fact]
    public async Task Idle_connection_is_closed_after_the_routes_time_and_not_used_again()
    {
        var closed = new ConcurrentDictionary<string, TimeSpan>(StringComparer.Ordinal);
        Provider.Answer = (http, seen) =>
        {
            var (id, asked) = (http.Connection.Id, Stopwatch.GetTimestamp());
            http.Features.GetRequiredFeature<IConnectionLifetimeFeature>()
                .ConnectionClosed.Register(() => closed[id] = Stopwatch.GetElapsedTime(asked));
            return CountAsync(http, seen);
        };
        await Gateway.PutRouteAsync("1", Route(ai => ai["keepalive_timeout"] = 1000));
        await Gateway.PutRouteAsync("2", Route(uri: "/minute"));
        await CallAsync();
        var first = Assert.Single(_connections).Key;
        await CallAsync("/minute");
        await Eventually.TrueAsync(() => !closed.IsEmpty, "the provider seeing a connection closed");

        var (connection, after) = Assert.Single(closed);
        Assert.Equal(first, connection);
        // The runtime has a coarse clock for it, and timers may ring early.
        Assert.InRange(after, TimeSpan.FromSeconds(0.9), TimeSpan.MaxValue);
        await CallAsync();
        await CallAsync("/minute");
        Assert.Equal([1, 1, 2], _connections.Values.Order());
        Assert.Equal(1, _connections[first]);
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 3)]
    [InlineData(null, 0)]
    public async Task Of_many_calls_at_once_only_as_many_connections_are_kept_as_the_pool_has_and_none_waits(int? pool, int closed)
    {
        var (arrived, go) = (new CountdownEvent(5), new TaskCompletionSource());
        Provider.Answer = async (http, seen) =>
        {
            if (!arrived.IsSet) arrived.Signal();
            await go.Task;
            await CountAsync(http, seen);
        };
        await Gateway.PutRouteAsync("1", Route(ai =>
        {
            ai["timeout"] = 60_000;
            Write(ai, "keepalive_pool", pool);
        }));
        var calls = Enumerable.Range(0, 5).Select(_ => CallAsync()).ToList();
        await Task.Run(() => arrived.Wait(Eventually.Limit, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        go.SetResult();
        await Task.WhenAll(calls);
        Assert.Equal(5, _connections.Count);
        Assert.Equal(closed, Provider.Seen.Count(
            seen => seen.Headers.TryGetValue("Connection", out var connection) && connection == "close"));
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
        builder.WebHost.UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(usable)));
        await using var app = builder.Build();
        app.Run(http => Answers.Json(http, Answers.Chat(10, 5)));
        await app.StartAsync(TestContext.Current.CancellationToken);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        Assert.Equal("upstream_unreachable", await AtAsync(address, verify: null));
        Assert.Null(await AtAsync(address, verify: false));
        Assert.Equal("upstream_unreachable", await AtAsync(address, verify: true));
        await Gateway.FlushAsync();
        Assert.Equal([0m, 0.0000045m, 0m], (await LedgerRowsAsync()).Select(row => row.Cost));
    }

    private async Task<string?> AtAsync(string address, bool? verify)
    {
        await Gateway.PutRouteAsync("1", Route(ai =>
        {
            ai["model"]!["override"] = new JsonObject { ["endpoint"] = address };
            Write(ai, "ssl_verify", verify);
        }));
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));
        return response.IsSuccessStatusCode ? null : await response.CodeAsync();
    }

    /// <summary>An attribute that is not there has its default.</summary>
    private static void Write(JsonObject plugin, string name, JsonNode? value)
    {
        if (value is not null) plugin[name] = value;
    }

    private async Task CallAsync(string path = "/anything")
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post(path, Asked));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private Task CountAsync(Microsoft.AspNetCore.Http.HttpContext http, SeenRequest seen)
    {
        _connections.AddOrUpdate(http.Connection.Id, 1, static (_, count) => count + 1);
        return Answers.Json(http, Answers.Chat(10, 5));
    }
}
