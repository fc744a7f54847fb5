using System.Net;
using System.Text.Json.Nodes;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Http;
using static AiPipe.Tests.Compatibility.Apisix.ApisixClient;

namespace AiPipe.Tests.Compatibility.Apisix;

/// <summary>
/// What a route sends in place of our key is told to nobody but its target: not to traces, metrics, logs or callers, however the call goes.
/// </summary>
public sealed class RouteTelemetryTests(PostgresFixture postgres) : DeadlineTest(postgres)
{
    private const string Asked = """{"messages":[{"role":"user","content":"Hi"}]}""";
    private const string Secret = "s3cret";

    protected override void Configure(Dictionary<string, string?> settings) => settings["ADMIN_API_KEY"] = Key;

    [Fact]
    public async Task Nothing_that_the_gateway_tells_has_a_routes_secret()
    {
        using var overheard = new Overheard(Secret);
        Provider.Answer = AnswerAsync;
        foreach (var way in (string[])["well", "wrong", "late", "cut"]) await MakeAsync(way, Provider.Address + "/" + way);
        await MakeAsync("dead", "http://127.0.0.1:1/x?y=1");
        await MakeAsync("plain", Provider.Address.Replace("http:", "https:", StringComparison.Ordinal));
        using (var refused = await Gateway.ApisixAsync(
            HttpMethod.Put, "/refused", Route(ai => ai["auth"] = new JsonObject { ["header"] = new JsonObject { ["x"] = Secret + "\n" } })))
            Assert.Equal((HttpStatusCode.BadRequest, false),
                (refused.StatusCode, (await refused.Content.ReadAsStringAsync()).Contains(Secret, StringComparison.Ordinal)));

        Assert.Equal(
            ["well 200", "wrong 500", "late 504", "cut 502", "dead 502", "plain 502"],
            [await CallAsync("well"), await CallAsync("wrong"), await CallAsync("late"), await CallAsync("cut"), await CallAsync("dead"),
                await CallAsync("plain")]);
        Assert.Equal(4, Provider.Seen.Count);
        Assert.All(Provider.Seen, seen =>
            Assert.Equal(("Bearer s3cret of a header", "?key=s3cret%20of%20a%20parameter"),
            (seen.Headers["Authorization"], seen.Target[seen.Target.IndexOf('?', StringComparison.Ordinal)..])));
        await NothingToldAsync(overheard, calls: 6);
    }

    [Fact]
    public async Task Nor_when_another_target_is_asked_after_it()
    {
        using var overheard = new Overheard(Secret);
        Provider.Answer = AnswerAsync;
        await Gateway.ChangeAsync(new
        {
            path = SettingsClient.Path("Routes", "1"),
            value = new
            {
                Path = "/several",
                Timeout = Hurry,
                Targets = ((string[])["wrong", "late", "cut", "dead", "well"])
                .Select(Target)
            },
        });
        Assert.Equal("several 200", await CallAsync("several"));
        Assert.Equal(["wrong", "late", "cut", "well"], Provider.Seen.Select(seen => seen.Headers["Authorization"].Split(' ')[2]));
        Assert.All(Provider.Seen, seen =>
            Assert.Equal($"/{seen.Headers["Authorization"].Split(' ')[2]}?key={Secret}-{seen.Headers["Authorization"].Split(' ')[2]}",
            seen.Target));
        await NothingToldAsync(overheard, calls: 5);
    }

    private object Target(string way, int place) => new
    {
        Provider = "openai",
        Model = "gpt-4o-mini",
        Priority = -place,
        Endpoint = way == "dead" ? "http://127.0.0.1:1/x" : $"{Provider.Address}/{way}",
        Header = new { Authorization = $"Bearer {Secret} {way}" },
        Query = new { key = $"{Secret}-{way}" },
    };

    private async Task NothingToldAsync(Overheard overheard, int calls)
    {
        await Gateway.FlushAsync();
        // Spans end a moment after the last byte. The runtime has its own, too, though none for what the gateway itself asks.
        (string, int)[] speakers =
            [("AiPipe", calls), ("System.Net.Http", 1), ("Microsoft.AspNetCore", 1), ("Npgsql", 1), ("aipipe.target.attempts", calls),
            ("http.client.request.duration", calls)];
        foreach (var (speaker, times) in speakers)
            await Eventually.TrueAsync(() => overheard.Speakers.GetValueOrDefault(speaker) >= times, speaker);
        Assert.Empty(overheard.Said);
        Assert.NotEmpty(Gateway.Logs.Lines);
        Assert.DoesNotContain(Gateway.Logs.Lines, static line => line.Contains(Secret, StringComparison.OrdinalIgnoreCase));
    }

    private async Task MakeAsync(string name, string endpoint) => await Gateway.PutRouteAsync(name, Route(ai =>
    {
        (ai["timeout"], ai["model"]!["override"]) = (Hurry, new JsonObject { ["endpoint"] = endpoint });
        ai["auth"] = new JsonObject
        {
            ["header"] = new JsonObject { ["Authorization"] = $"Bearer {Secret} of a header" },
            ["query"] = new JsonObject { ["key"] = $"{Secret} of a parameter" }
        };
    }, uri: "/" + name));

    private async Task<string> CallAsync(string route)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/" + route, Asked));
        Assert.DoesNotContain(
            Secret, $"{await response.Content.ReadAsStringAsync()} {response.Headers}", StringComparison.OrdinalIgnoreCase);
        return $"{route} {(int)response.StatusCode}";
    }

    private async Task AnswerAsync(HttpContext http, SeenRequest seen)
    {
        if (seen.Target.StartsWith("/wrong", StringComparison.Ordinal)) await Answers.Json(http, """{"error":{"message":"no"}}""", 500);
        else if (seen.Target.StartsWith("/late", StringComparison.Ordinal))
        {
            Clock.Ring();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        }
        else if (seen.Target.StartsWith("/cut", StringComparison.Ordinal)) http.Abort();
        else await Answers.Json(http, Answers.Chat(10, 5));
    }
}
