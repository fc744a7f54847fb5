using System.Net;
using System.Net.Sockets;
using AiPipe.Proxy.Providers;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.Tests.Scenarios;

/// <summary>
/// Providers that refuse a key, are busy, or cannot be reached: what the next key is sent, what is charged, what is written down.
/// </summary>
public sealed class ProviderTroubleTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Hi = """{"model":"gpt-4o-mini","max_tokens":99999999,"messages":[{"role":"user","content":"Hi"}]}""";

    private readonly FullListener _full = new();

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Providers:openai:Keys:1"] = "sk-second";
        settings["AiPipe:Providers:gemini:Keys:1"] = "AIza-second";
        settings["AiPipe:Providers:gone:BaseUrl"] = "http://127.0.0.1:9";
        settings["AiPipe:Providers:gone:Keys:0"] = "sk-gone";
        settings["AiPipe:Providers:gone:Keys:1"] = "sk-gone-too";
        settings["AiPipe:Providers:full:BaseUrl"] = _full.Address;
        settings["AiPipe:Providers:full:Keys:0"] = "sk-full";
        foreach (var provider in new[] { "gone", "full" })
        {
            settings[$"AiPipe:Prices:{provider}:m:Input"] = "1";
            settings[$"AiPipe:Prices:{provider}:m:Output"] = "1";
        }
    }

    [Fact]
    public async Task Busy_key_gives_way_to_the_next_which_gets_the_same_body_and_answers_alone()
    {
        Provider.Answer = async (http, _) =>
        {
            http.Response.Headers["x-request-id"] = $"answer-{Provider.Seen.Count}";
            if (Provider.Seen.Count > 1)
            {
                await Answers.Json(http, Answers.Chat(1000, 500));
                return;
            }
            http.Response.Headers.RetryAfter = "7";
            await Answers.Json(http, """{"error":{"message":"busy"}}""", 429);
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("answer-2", Assert.Single(response.Headers.GetValues("x-request-id")));
        Assert.Null(response.Headers.RetryAfter);
        var (first, second) = (Provider.Seen.First(), Provider.Seen.Last());
        Assert.Equal(2, Provider.Seen.Count);
        Assert.Contains("\"max_tokens\":16384", first.Text, StringComparison.Ordinal);
        Assert.Equal(first.Text, second.Text);
        Assert.NotEqual(first.Headers["Authorization"], second.Headers["Authorization"]);
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_that_streams_through_unread_is_sent_once_whatever_the_provider_says(bool announced)
    {
        Provider.Answer = (http, _) => Answers.Json(http, """{"error":{"code":429}}""", 429);
        using var request = Gateway.Post("/gemini/models/gemini-2.0-flash:countTokens", """{"contents":[]}""");
        if (!announced) request.Headers.TransferEncodingChunked = true;
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal("""{"contents":[]}""", Assert.Single(Provider.Seen).Text);
    }

    [Theory]
    [InlineData("gone", "00:01:00", 502, "upstream_unreachable")]
    [InlineData("full", "00:00:03", 504, "upstream_timeout")]
    public async Task Call_that_found_no_connection_costs_nothing_and_stands_in_the_ledger_as_its_caller_saw_it(
        string provider, string timeout, int status, string code)
    {
        await using var gateway = await Gateway.StartAsync(Database, settings =>
        {
            Configure(settings);
            settings["AiPipe:Forwarding:ConnectTimeout"] = timeout;
        });
        using var response = await gateway.Http.SendAsync(gateway.Post($"/{provider}/v1/chat/completions", """{"model":"m","messages":[]}"""));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(code, await response.CodeAsync());
        await gateway.FlushAsync();
        var row = Assert.Single(await LedgerRowsAsync());
        Assert.Equal(status, row.Status);
        Assert.Equal(0m, row.Cost);
        // Nothing was sent, so every key was tried.
        Assert.True(gateway.Services.GetRequiredService<ProviderCatalog>().TryFind(provider, out var tried));
        Assert.All(tried.Credentials, key => Assert.NotNull(key.HealthAt(DateTimeOffset.UnixEpoch).LastErrorAt));
    }

    [Fact]
    public async Task Key_that_the_provider_rejects_stands_in_the_ledger_as_502()
    {
        Provider.Answer = (http, _) => Answers.Json(http, """{"error":{"message":"no"}}""", 401);
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));

        Assert.Equal("provider_key_rejected", await response.CodeAsync());
        await Gateway.FlushAsync();
        Assert.Equal(502, Assert.Single(await LedgerRowsAsync()).Status);
    }

    /// <summary>An address that takes no more connections: those that ask for one wait. Its sockets live as long as the test.</summary>
    private sealed class FullListener
    {
        private readonly List<Socket> _sockets = [];

        public FullListener()
        {
            var listener = NewSocket();
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen(0);
            Address = $"http://{listener.LocalEndPoint}";
            for (var i = 0; i < 4; i++) _ = NewSocket().ConnectAsync(listener.LocalEndPoint!);
        }

        public string Address { get; }

        private Socket NewSocket()
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            return socket;
        }
    }
}
