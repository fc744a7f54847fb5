using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using PortalProgram = AiPipe.Portal.Program;

namespace AiPipe.Tests.Portal;

/// <summary>How the Portal reaches replicas of the gateway, some of which do not answer.</summary>
public sealed class GatewayClientTests : IAsyncLifetime
{
    private readonly Visitor _visitor = new();
    private FakeProvider _gateway = null!;
    private int _unavailable;

    public async ValueTask InitializeAsync()
    {
        _gateway = await FakeProvider.StartAsync();
        _gateway.Answer = AnswerAsync;
    }

    public ValueTask DisposeAsync()
    {
        _visitor.Dispose();
        return _gateway.DisposeAsync();
    }

    [Fact]
    public async Task A_page_reads_again_where_the_gateway_is_unavailable()
    {
        await using var portal = await StartAsync(_gateway.Address);
        _unavailable = 2;
        using var page = await _visitor.GetAsync(Login(portal));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal(3, _gateway.Seen.Count);
    }

    [Fact]
    public async Task A_page_says_so_where_the_gateway_stays_unavailable()
    {
        await using var portal = await StartAsync(_gateway.Address);
        _unavailable = int.MaxValue;
        using var page = await _visitor.GetAsync(Login(portal));
        Assert.Equal(HttpStatusCode.BadGateway, page.StatusCode);
        Assert.Equal(3, _gateway.Seen.Count);
    }

    [Fact]
    public async Task What_changes_something_is_sent_once()
    {
        await using var portal = await StartAsync(_gateway.Address);
        var form = await _visitor.OpenFormAsync(Login(portal));
        _unavailable = 1;
        using var page = await _visitor.PostAsync(Address(portal), form);
        Assert.NotEqual(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Single(_gateway.Seen, static seen => seen.Method == "POST");
    }

    [Fact]
    public async Task Another_replica_answers_where_one_is_gone()
    {
        await using var portal = await StartAsync($"http://127.0.0.1:{ServerPorts.Take()}", _gateway.Address);
        for (var i = 0; i < 4; i++)
        {
            using var page = await _visitor.GetAsync(Login(portal));
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        }
    }

    [Fact]
    public async Task A_download_arrives_as_it_is_sent()
    {
        await using var portal = await StartAsync(_gateway.Address);
        using var signedIn = await _visitor.PostAsync(Address(portal), await _visitor.OpenFormAsync(Login(portal)));
        var rest = new TaskCompletionSource();
        _gateway.Answer = async (http, _) =>
        {
            await http.Response.WriteAsync("first\r\n");
            await http.Response.Body.FlushAsync();
            await rest.Task;
            await http.Response.WriteAsync("second\r\n");
        };
        using var download = await _visitor.GetAsync(
            new Uri(Address(portal), "/account/usage?handler=Csv"), HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await download.Content.ReadAsStreamAsync());
        Assert.Equal("first", await lines.ReadLineAsync().WaitAsync(Eventually.Limit));
        rest.SetResult();
        Assert.Equal("second", await lines.ReadLineAsync().WaitAsync(Eventually.Limit));
    }

    private Task AnswerAsync(HttpContext http, SeenRequest seen)
    {
        if (Interlocked.Decrement(ref _unavailable) >= 0)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            // For programs; a page does not wait that long.
            http.Response.Headers.RetryAfter = "60";
            return Task.CompletedTask;
        }
        return Answers.Json(http, seen.Method == "POST" ? """{"token":"a-token","email":"ann@example.com"}""" : """{"passwords":true}""");
    }

    private static async Task<WebApplication> StartAsync(params string[] replicas)
    {
        string[] services = [.. replicas.SelectMany(static (address, index) => (string[])[$"--services:proxy:http:{index}", address])];
        var portal = PortalProgram.Build(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "None", .. services]);
        await portal.StartAsync();
        return portal;
    }

    private static Uri Address(WebApplication portal) => new(portal.Urls.Single());

    private static Uri Login(WebApplication portal) => new(Address(portal), "/login");
}
