using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using Microsoft.AspNetCore.Http;
using static AiPipe.Tests.Settings.SettingsClient;

namespace AiPipe.Tests.Scenarios;

/// <summary>A gateway with the providers a, b and c, all of them one fake, and one that nobody listens at.</summary>
public abstract class TargetTest(PostgresFixture postgres) : DeadlineTest(postgres)
{
    protected const string Asked = """{"messages":[{"role":"user","content":"What is 1+1?"}]}""";

    /// <summary>Of an answer of 1000 and 500 tokens.</summary>
    protected const decimal Cost = 0.002m;

    /// <summary>What each of them answers; who is not here answers well.</summary>
    protected ConcurrentDictionary<string, Func<HttpContext, Task>> Answering { get; } = new();

    protected override void Configure(Dictionary<string, string?> settings) => Setup(settings);

    internal static void Setup(Dictionary<string, string?> settings)
    {
        foreach (var name in (string[])["a", "b", "c", "dead"])
        {
            settings[$"AiPipe:Providers:{name}:BaseUrl"] = name == "dead"
                ? "http://127.0.0.1:1" : $"{settings["AiPipe:Providers:openai:BaseUrl"]}/{name}";
            settings[$"AiPipe:Providers:{name}:Keys:0"] = $"key-of-{name}";
            settings[$"AiPipe:Prices:{name}:m:Input"] = "1";
            settings[$"AiPipe:Prices:{name}:m:Output"] = "2";
        }
    }

    /// <summary>The names of those that were asked, in order.</summary>
    protected string AskedProviders => string.Join(' ', Provider.Seen.Select(seen => seen.Target.Split('/')[1]));

    protected static Func<HttpContext, Task> Status(int status, string? retryAfter = null) => http =>
    {
        if (retryAfter is not null) http.Response.Headers.RetryAfter = retryAfter;
        http.Response.Headers["x-of-whom"] = "a loser";
        return Answers.Json(http, $$$"""{"error":{"message":"no, says {{{http.Request.Path.Value!.Split('/')[1]}}}"}}""", status);
    };

    /// <summary>A route at /r with these targets, asked in this order.</summary>
    protected Task RouteAsync(string targets, Action<JsonObject>? change = null) => LayAsync("Routes", "1", targets, route =>
    {
        route["Path"] = "/r";
        change?.Invoke(route);
    });

    /// <summary>An alias for these targets, asked in this order.</summary>
    protected Task AliasAsync(string name, string targets, Action<JsonObject>? change = null) => LayAsync("Aliases", name, targets, change);

    private async Task LayAsync(string section, string name, string targets, Action<JsonObject>? change)
    {
        var names = targets.Split(' ');
        var value = new JsonObject
        {
            ["Targets"] = new JsonArray(
                [.. names.Select((target, i) => (JsonNode)new JsonObject { ["Provider"] = target, ["Model"] = "m", ["Priority"] = -i })]),
            // On a busy machine the three seconds of a route that says nothing are not always enough.
            ["Timeout"] = 60_000,
        };
        change?.Invoke(value);
        Provider.Answer = (http, seen) =>
            Answering.TryGetValue(seen.Target.Split('/')[1], out var answer) ? answer(http) : Answers.Json(http, Answers.Chat(1000, 500));
        await Gateway.ChangeAsync(new { path = Path(section, name), value });
    }

    protected async Task<(HttpStatusCode Status, string Text, string? Attempts)> CallAsync(
        string path = "/r", string body = Asked, string? session = null)
    {
        using var request = Gateway.Post(path, body);
        if (session is not null) request.Headers.Add("X-Session", session);
        using var response = await Gateway.Http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(),
            response.Headers.TryGetValues("x-aipipe-attempts", out var attempts) ? attempts.Single() : null);
    }

    /// <summary>What stands in the ledger, oldest first.</summary>
    protected async Task<string> EntriesAsync()
    {
        await Gateway.FlushAsync();
        return string.Join(", ", (await LedgerRowsAsync())
            .Select(row => string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Provider} {row.Status} {(row.Cost == 0 ? "free" : row.Estimated ? "estimated" : "charged")}")));
    }
}
