using System.Net;
using System.Net.Sockets;
using System.Text;
using AiPipe.Proxy.Upstream;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.Tests.Security;

/// <summary>Bodies are read only of callers who may call, within bounds, and their memory is free afterwards.</summary>
public sealed class BodyMemoryTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Chat = "/openai/v1/chat/completions";

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Providers:groq:BaseUrl"] = settings["AiPipe:Providers:openai:BaseUrl"] + "/openai";
        settings["AiPipe:Providers:groq:Keys:0"] = "gsk-key-of-ours";
        settings["AiPipe:Budgets:blocked@example.com:Limit"] = "0";
        settings["AiPipe:Budgets:blocked@example.com:Days"] = "7";
        settings["AiPipe:Budgets:@blocked.example:Limit"] = "0";
        settings["AiPipe:Budgets:@blocked.example:Days"] = "7";
        settings["AiPipe:RateLimits:@limited.example:RequestsPerMinute"] = "1";
        settings["AiPipe:Providers:openai:AllowsByok"] = "false";
        settings["AiPipe:Forwarding:MaxBufferedBytes"] = "4194304";
        settings["AiPipe:Forwarding:MaxBufferedBytesPerCaller"] = "2097152";
    }

    [Theory]
    [InlineData(Chat, "sk-made-up", 401)]
    [InlineData("/similarity", "sk-made-up", 401)]
    [InlineData("/groq/v1/chat/completions", "sk-made-up", 401)]
    [InlineData("/similarity", "nonsense", 401)]
    [InlineData(Chat, "blocked@example.com", 429)]
    [InlineData("/similarity", "blocked@example.com", 429)]
    [InlineData("/groq/v1/chat/completions", "x@blocked.example", 429)]
    [InlineData("/gemini/models/gemini-2.5-flash:generateContent", "x@blocked.example", 429)]
    public async Task Body_of_a_caller_who_may_not_call_is_not_read(string path, string token, int status) =>
        Assert.StartsWith($"HTTP/1.1 {status} ", await AnnounceAsync(path, token), StringComparison.Ordinal);

    [Theory]
    [InlineData(Chat)]
    [InlineData("/similarity")]
    public async Task Body_of_a_caller_at_the_rate_limit_is_not_read(string path)
    {
        var user = $"u-{Guid.NewGuid():N}@limited.example";
        using var first = await Gateway.Http.SendAsync(
            Gateway.Post(Chat, """{"model":"gpt-4o-mini","messages":[]}""", Gateway.Token(user)));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.StartsWith("HTTP/1.1 429 ", await AnnounceAsync(path, user), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Chat, 3)]
    [InlineData("/similarity", 1)]
    public async Task Bodies_of_one_caller_are_bounded_and_their_memory_is_free_afterwards(string path, int megabytes)
    {
        var memory = Gateway.Services.GetRequiredService<BodyMemory>();
        var text = new string('x', megabytes << 20);
        var body = path == Chat
            ? $$"""{"model":"gpt-4o-mini","messages":[{"role":"user","content":"{{text}}"}]}""" : $$"""{"model":"text-embedding-3-small","docs":["{{text}}"]}""";
        using var response = await Gateway.Http.SendAsync(Gateway.Post(path, body));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "server_busy"), (response.StatusCode, await response.CodeAsync()));
        Assert.NotNull(response.Headers.RetryAfter);
        await Eventually.TrueAsync(() => memory.Total == 0, "no body in memory");
    }

    [Fact]
    public async Task Bodies_of_all_callers_are_bounded_together()
    {
        var memory = Gateway.Services.GetRequiredService<BodyMemory>();
        Assert.Null(memory.Take("a", 2 << 20));
        Assert.Null(memory.Take("b", 2 << 20));
        using (var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, """{"model":"gpt-4o-mini","messages":[]}""")))
            Assert.Equal("server_busy", await response.CodeAsync());
        memory.Return("a", 2 << 20);
        using (var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, """{"model":"gpt-4o-mini","messages":[]}""")))
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        memory.Return("b", 2 << 20);
        await Eventually.TrueAsync(() => memory.Total == 0, "no body in memory");
    }

    /// <summary>Announces a body of 31 MB and sends none of it: only a response before the body is read arrives.</summary>
    private async Task<string> AnnounceAsync(string path, string caller)
    {
        var token = caller.Contains('@', StringComparison.Ordinal) ? Gateway.Token(caller) : caller;
        var address = new Uri(Gateway.Address);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: any\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: "
                + "31000000\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadLineAsync() ?? "";
    }
}
