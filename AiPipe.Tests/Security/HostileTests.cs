using System.Net;
using System.Net.Sockets;
using System.Text;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Security;

/// <summary>What callers and providers send to do harm.</summary>
public sealed class HostileTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Hi = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hi"}]}""";

    [Theory]
    [InlineData(Chat, "ffffffffffffffff")]
    [InlineData(Chat, "7fffffffffffffff")]
    [InlineData(Chat, "80000000")]
    [InlineData(Chat, "-1")]
    [InlineData(Chat, "zz")]
    [InlineData("/similarity", "ffffffffffffffff")]
    [InlineData("/token", "ffffffffffffffff")]
    [InlineData("/gemini/models/gemini-2.5-flash:countTokens", "ffffffffffffffff")]
    [InlineData("/keys", "fffffffff")]
    public async Task Chunk_of_an_impossible_size_is_a_bad_request(string path, string size)
    {
        var address = new Uri(Gateway.Address);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: any\r\nAuthorization: Bearer {Gateway.Token()}\r\nContent-Type: application/json\r\n"
                + $"Transfer-Encoding: chunked\r\n\r\n{size}\r\n{{}}\r\n0\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var line = await reader.ReadLineAsync() ?? "";
        Assert.Matches("^HTTP/1.1 (400|413) ", line);
    }

    [Theory]
    [InlineData("Clear-Site-Data", "\"*\"")]
    [InlineData("Refresh", "0;url=http://evil.example")]
    [InlineData("WWW-Authenticate", "Basic realm=\"x\"")]
    [InlineData("Location", "http://10.0.0.1/")]
    [InlineData("X-Accel-Redirect", "/etc/passwd")]
    [InlineData("Service-Worker-Allowed", "/")]
    public async Task Instruction_of_a_provider_to_browsers_does_not_pass(string name, string value)
    {
        Provider.Answer = (http, _) =>
        {
            http.Response.Headers[name] = value;
            return Answers.Json(http, Answers.Chat(10, 5));
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain(name, response.Headers.Select(static header => header.Key), StringComparer.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(": comment\n\n")]
    [InlineData("data: {\"choices\":[")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{}}]}\n\n")]
    public async Task Stream_without_an_end_is_over_at_the_deadline(string endless)
    {
        await using var gateway = await Gateway.StartAsync(Database, static settings =>
        {
            settings["AiPipe:Forwarding:ResponseTimeout"] = "00:00:01";
            settings["AiPipe:Forwarding:DetachedTimeout"] = "00:00:01";
        });
        gateway.Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            // An event that does not end goes on with blanks.
            for (var text = endless; !http.RequestAborted.IsCancellationRequested; text = endless.EndsWith('\n') ? endless : " ")
            {
                await http.Response.WriteAsync(text, http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                await Task.Delay(20, http.RequestAborted);
            }
        };
        using var response = await gateway.Http.SendAsync(
            gateway.Post(Chat, Hi.Insert(1, "\"stream\":true,")), HttpCompletionOption.ResponseHeadersRead);
        var ended = await Record.ExceptionAsync(() => response.Content.ReadAsStringAsync().WaitAsync(Eventually.Limit));
        Assert.IsNotType<TimeoutException>(ended);
    }

    [Fact]
    public async Task Empty_answer_stands_in_the_ledger_with_its_status()
    {
        Provider.Answer = static (http, _) =>
        {
            http.Response.StatusCode = 204;
            return Task.CompletedTask;
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        await Gateway.FlushAsync();
        Assert.Equal(204, Assert.Single(await LedgerRowsAsync()).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Keys_and_app_tokens_fetch_no_pages(bool isKey)
    {
        string token;
        if (isKey)
        {
            using var made = await Gateway.SendAsync(HttpMethod.Post, "/keys", Gateway.Token(), new { name = "k" });
            token = (await made.JsonAsync()).Text("key");
        }
        else token = (await Gateway.GrantAsync(new { redirect = "https://app.example/", limit = 0.1 }, Gateway.User)).Text("token");
        using var response = await Gateway.SendAsync(HttpMethod.Get, "/proxy/https://example.com/", token);
        Assert.Equal((HttpStatusCode.Forbidden, isKey ? "api_key_refused" : "app_token_refused"),
            (response.StatusCode, await response.CodeAsync()));
    }
}
