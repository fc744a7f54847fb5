using System.Text.Json;
using AiPipe.Tests.Fixtures;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.Tests.Scenarios;

/// <summary>The commands of the page of APISIX's <c>ai-proxy</c>, run as they are printed before a gateway with two ports.</summary>
public sealed class ApisixTests(PostgresFixture postgres) : IAsyncLifetime
{
    internal const string CreateRoute = """
        curl "http://127.0.0.1:9180/apisix/admin/routes/1" -X PUT \
        -H "X-API-KEY: ${ADMIN_API_KEY}" \
        -d '{
        "uri": "/anything",
        "plugins": {
        "ai-proxy": {
        "auth": {
        "header": {
        "Authorization": "Bearer <some-token>"
        }
        },
        "model": {
        "provider": "openai",
        "name": "gpt-4",
        "options": {
        "max_tokens": 512,
        "temperature": 1.0
        }
        }
        }
        },
        "upstream": {
        "type": "roundrobin",
        "nodes": {
        "somerandom.com:443": 1
        },
        "scheme": "https",
        "pass_host": "node"
        }
        }'
        """;

    private const string SendRequest = """
        curl http://127.0.0.1:9080/anything -i -XPOST -H 'Content-Type: application/json' -d '{
        "messages": [
        { "role": "system", "content": "You are a mathematician" },
        { "role": "user", "a": 1, "content": "What is 1+1?" }
        ]
        }'
        """;

    private const string Response = """
        {
        "choices": [
        {
        "finish_reason": "stop",
        "index": 0,
        "message": {
        "content": "The sum of \\(1 + 1\\) is \\(2\\).",
        "role": "assistant"
        }
        }
        ],
        "created": 1723777034,
        "id": "chatcmpl-9whRKFodKl5sGhOgHIjWltdeB8sr7",
        "model": "gpt-4o-2024-05-13",
        "object": "chat.completion",
        "system_fingerprint": "fp_abc28019ad",
        "usage": { "completion_tokens": 15, "prompt_tokens": 23, "total_tokens": 38 }
        }
        """;

    private const string AdminKey = "0f8f2c6a54d14e6c9d1d8a2b7c3e5f60";

    private Gateway _gateway = null!;
    private Shell _shell = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await Gateway.StartAsync(await postgres.NewDatabaseAsync(), static settings => settings["ADMIN_API_KEY"] = AdminKey,
            extend: static builder => builder.WebHost.UseUrls("http://127.0.0.1:0", "http://127.0.0.1:0"));
        _gateway.Provider.Answer = static (http, _) => Answers.Json(http, Response);
        var addresses = _gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        _shell = new Shell().Lead("127.0.0.1:9080", addresses[0]).Lead("127.0.0.1:9180", addresses[1]).Export("ADMIN_API_KEY", AdminKey)
            .Export("AIPIPE_TOKEN", _gateway.Token());
    }

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Document_works_as_it_is_printed_with_a_token()
    {
        var created = JsonElement.Parse(await _shell.RunAsync(CreateRoute));
        Assert.Equal(("/apisix/routes/1", "/anything"),
            (created.GetProperty("key").GetString(), created.GetProperty("value").GetProperty("uri").GetString()));
        Assert.StartsWith("HTTP/1.1 201 ", _shell.Headers, StringComparison.Ordinal);
        await _shell.RunAsync(CreateRoute);
        Assert.StartsWith("HTTP/1.1 200 ", _shell.Headers, StringComparison.Ordinal);

        var (head, refused) = Parts(await _shell.RunAsync(SendRequest));
        Assert.StartsWith("HTTP/1.1 401 ", head, StringComparison.Ordinal);
        Assert.Contains("token_missing", refused, StringComparison.Ordinal);
        Assert.Empty(_gateway.Provider.Seen);

        (head, var answer) = Parts(await _shell.RunAsync(SendRequest + """ -H "Authorization: Bearer $AIPIPE_TOKEN" """));
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        Assert.Equal(Response, answer);
        Assert.Equal(("/v1/chat/completions", "Bearer <some-token>"),
            (_gateway.Provider.Seen.Single().Target, _gateway.Provider.Seen.Single().Headers["Authorization"]));
        // gpt-4 is 30 and 60 USD a million.
        Assert.Equal(0.00159m, await _gateway.SpentAsync());

        _shell.Export("ADMIN_API_KEY", "another-key-0123456789");
        await _shell.RunAsync(CreateRoute);
        Assert.StartsWith("HTTP/1.1 401 ", _shell.Headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Document_works_as_it_is_printed_once_the_route_is_open()
    {
        await _shell.RunAsync(
            CreateRoute.Replace(
            "\"ai-proxy\": {", "\"ai-proxy\": { \"anonymous\": { \"limit\": 5, \"days\": 1 },", StringComparison.Ordinal));
        var (head, answer) = Parts(await _shell.RunAsync(SendRequest));
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        Assert.Equal(Response, answer);
        Assert.Equal(0m, await _gateway.SpentAsync());
    }

    /// <summary>What <c>curl -i</c> prints.</summary>
    private static (string Head, string Body) Parts(string printed)
    {
        var end = printed.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return (printed[..end], printed[(end + 4)..]);
    }
}
