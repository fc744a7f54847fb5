using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Security;

/// <summary>Runs a scenario with secrets that all contain one word, and searches everything that the gateway says for it.</summary>
public sealed class LeakTests(PostgresFixture postgres) : GatewayTest(postgres), IDisposable
{
    private const string Word = "kq7zw3vx9n";
    private const string ProviderKey = $"sk-proj-{Word}-of-ours";
    private const string AccessToken = $"acc-{Word}-tok";
    private const string Password = $"horse {Word} staple";
    private const string OwnKey = $"sk-own-{Word}";
    private const string Hi = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hi"}]}""";

    private readonly RawProvider _raw = new(ProviderKey);

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AIPIPE_SECRET"] = $"secret-{Word}-0123456789-abcdefghij";
        settings["ACCESS_TOKEN"] = AccessToken;
        settings["AiPipe:Providers:openai:Keys:0"] = ProviderKey;
        settings["AiPipe:Providers:gemini:Keys:0"] = "AIza-" + Word;
        settings["AiPipe:Providers:raw:BaseUrl"] = _raw.Address;
        settings["AiPipe:Providers:raw:Keys:0"] = ProviderKey;
        settings["AiPipe:Prices:raw:m:Input"] = settings["AiPipe:Prices:raw:m:Output"] = "1";
        settings["AiPipe:Telemetry:CaptureContent"] = "true";
    }

    [Fact]
    public async Task No_secret_of_a_run_is_in_any_log_trace_metric_error_or_ledger_entry()
    {
        using var overheard = new Overheard(Word);
        var said = new List<string>();
        var admin = Gateway.Token("admin@example.com");
        var token = Gateway.Token();

        await SendAsync(HttpMethod.Post, "/admin/people", admin, new { email = Gateway.User, password = Password });
        await SendAsync(HttpMethod.Post, "/token", null, new { email = Gateway.User, password = Password }, shows: true);
        await SendAsync(HttpMethod.Post, "/token", null, new { email = Gateway.User, password = Password + "?" });
        await SendAsync(HttpMethod.Post, $"/{AccessToken}/register/kim", null, null, shows: true);
        await SendAsync(HttpMethod.Post, $"/x{AccessToken}/register/kim", null, null, shows: true);
        await SendAsync(HttpMethod.Post, $"/{AccessToken}/addkey/api.groq.com/gsk-{Word}", null, null);
        await SendAsync(HttpMethod.Get, "/admin/settings", admin, null);
        await SendAsync(HttpMethod.Get, "/admin/providers", admin, null);
        foreach (var status in new[] { 200, 400, 401, 403, 404, 429, 500, 302 })
        {
            Provider.Answer = (http, seen) =>
            {
                var quoted = string.Concat(seen.Headers.Values);
                http.Response.Headers["x-debug"] = ProviderKey;
                http.Response.Headers.Location = $"http://10.0.0.1/?key={ProviderKey}";
                return Answers.Json(http, JsonSerializer.Serialize(
                    new { id = ProviderKey, model = ProviderKey, error = new { message = quoted, type = ProviderKey } }), status);
            };
            await SendAsync(HttpMethod.Post, "/openai/v1/chat/completions", token, Hi);
            await SendAsync(HttpMethod.Post, "/gemini/models/gemini-2.5-flash:generateContent", token, """{"contents":[]}""");
            await SendAsync(HttpMethod.Get, "/openai/v1/models", token, null);
        }
        Provider.Reset();
        await SendAsync(HttpMethod.Post, "/openai/v1/chat/completions", OwnKey, Hi);
        await SendAsync(HttpMethod.Post, $"/gemini/models/gemini-2.5-flash:generateContent?key=AIza{Word}", null, """{"contents":[]}""");
        for (var i = 0; i < RawProvider.Kinds; i++)
            await SendAsync(HttpMethod.Post, "/raw/v1/chat/completions", token, """{"model":"m","messages":[]}""");
        await SendAsync(HttpMethod.Get, "/usage/calls", token, null);
        await SendAsync(HttpMethod.Get, "/admin/audit", admin, null);
        await SendAsync(HttpMethod.Get, "/metrics", admin, null);
        await Gateway.FlushAsync();

        Assert.NotEmpty(overheard.Speakers);
        // The test's own client is in the same process.
        Assert.DoesNotContain(overheard.Said, text => !text.Contains(Gateway.Address, StringComparison.Ordinal));
        Assert.DoesNotContain(said, static text => text.Contains(Word, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(Gateway.Logs.Lines, line => line.Contains(Word, StringComparison.OrdinalIgnoreCase)
            || line.Contains(token[^20..], StringComparison.Ordinal));

        async Task SendAsync(HttpMethod method, string path, string? bearer, object? body, bool shows = false)
        {
            using var request = new HttpRequestMessage(method, path);
            if (bearer is not null) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + bearer);
            if (body is not null) request.Content = new StringContent(
                body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
            using var response = await Gateway.Http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            // Some responses are for showing a secret, or repeat the path of the request.
            if (!shows) said.Add($"{response.Headers} {text}");
        }
    }

    public void Dispose() => _raw.Dispose();

    /// <summary>A provider whose responses are not HTTP, and quote the key where exceptions quote them.</summary>
    private sealed class RawProvider : IDisposable
    {
        public const int Kinds = 4;

        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private int _served;

        public RawProvider(string key)
        {
            _listener.Start();
            Address = $"http://{_listener.LocalEndpoint}";
            _ = ServeAsync([
                $"HTTP/1.1 {key} no\r\n\r\n",
                $"HTTP/1.1 400 no\r\n{key} without a colon\r\n\r\n",
                $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{key}\r\n",
                $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{key}",
            ]);
        }

        public string Address { get; }

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync(string[] responses)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    var stream = client.GetStream();
                    _ = await stream.ReadAtLeastAsync(new byte[64 << 10], 1, throwOnEndOfStream: false);
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(responses[_served++ % Kinds]));
                    // Until the gateway has read it: closing at once could reset the connection.
                    client.Client.Shutdown(SocketShutdown.Send);
                    _ = await stream.ReadAtLeastAsync(new byte[64 << 10], 1, throwOnEndOfStream: false);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
            {
                // The test is over.
            }
        }
    }
}
