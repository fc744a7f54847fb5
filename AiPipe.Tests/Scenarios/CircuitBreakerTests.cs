using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using static AiPipe.Tests.Settings.SettingsClient;

namespace AiPipe.Tests.Scenarios;

/// <summary>Targets that are left alone while they are in trouble, under a clock that the test moves.</summary>
public sealed class CircuitBreakerTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Asked = """{"messages":[{"role":"user","content":"What is 1+1?"}]}""";

    private readonly TestClock _clock = new();
    private Gateway _gateway = null!;
    private int _status = 200;
    private string? _retryAfter;

    public async ValueTask InitializeAsync()
    {
        _clock.Move(TimeSpan.Zero);
        _gateway = await Gateway.StartAsync(
            await postgres.NewDatabaseAsync(), TargetTest.Setup, extend: builder => builder.Services.AddSingleton<TimeProvider>(_clock));
        _gateway.Provider.Answer = (http, seen) =>
        {
            if (!seen.Target.StartsWith("/a/", StringComparison.Ordinal) || _status == 200) return Answers.Json(http, Answers.Chat(10, 5));
            if (_retryAfter is not null) http.Response.Headers.RetryAfter = _retryAfter;
            return Answers.Json(http, "{}", _status);
        };
        await LayAsync(weight: 1);
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Target_that_keeps_failing_is_left_alone_then_tried_by_one_and_comes_back()
    {
        _status = 503;
        Assert.Equal("a b a b a b b b", await CallAsync(5));
        Assert.Equal(("open", 3, "5xx", 503), await HealthAsync());
        // Changed settings change nothing in that.
        await LayAsync(weight: 2);
        Assert.Equal("b", await CallAsync(1));

        Move(6);
        Assert.Equal("half_open", (await HealthAsync()).Status);
        Assert.Equal("a b b", await CallAsync(2));
        // The second pause is twice as long.
        Move(6);
        Assert.Equal("b", await CallAsync(1));
        Move(5);
        _status = 200;
        Assert.Equal("a a a", await CallAsync(3));
        Assert.Equal(("ok", 0, "answered", 200), await HealthAsync());
    }

    [Fact]
    public async Task Who_has_no_token_or_asks_nothing_takes_nobodys_trial()
    {
        _status = 503;
        await CallAsync(5);
        Move(6);
        _status = 200;
        using var content = new StringContent(Asked, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var stranger = await _gateway.Http.PostAsync("/r", content);
        using var nothing = await _gateway.Http.SendAsync(_gateway.Post("/r", "{}"));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.BadRequest), (stranger.StatusCode, nothing.StatusCode));
        Assert.Equal("a", await CallAsync(1));
    }

    [Fact]
    public async Task Keys_that_are_tried_in_turn_are_one_trouble()
    {
        await _gateway.ChangeAsync(
            new
            {
                path = Path("Providers", "a"),
                value = new { BaseUrl = _gateway.Provider.Address + "/a", Keys = (string[])["one", "two", "three"] }
            });
        _status = 503;
        Assert.Equal("a a a b", await CallAsync(1));
        Assert.Equal(("ok", 1, "5xx", 503), await HealthAsync());
    }

    [Fact]
    public async Task Target_at_its_limit_is_left_alone_for_as_long_as_it_says()
    {
        (_status, _retryAfter) = (429, "30");
        Assert.Equal("a b b b", await CallAsync(3));
        Move(31);
        _status = 200;
        Assert.Equal("a", await CallAsync(1));
    }

    [Fact]
    public async Task Refusals_that_are_the_callers_own_doing_leave_it_well()
    {
        _status = 400;
        Assert.Equal("a a a a a", await CallAsync(5));
        Assert.Equal("ok", (await HealthAsync()).Status);
    }

    [Fact]
    public async Task Where_all_are_out_they_are_asked_nevertheless()
    {
        await _gateway.ChangeAsync(
            new
            {
                path = Path("Routes", "1"),
                value = new { Path = "/r", Timeout = 60_000, Targets = new[] { new { Provider = "a", Model = "m" } } }
            });
        _status = 503;
        Assert.Equal("a a a a a", await CallAsync(5));
        _status = 200;
        Assert.Equal("a a", await CallAsync(2));
        Assert.Equal("ok", (await HealthAsync()).Status);
    }

    [Fact]
    public async Task What_came_of_each_attempt_is_counted()
    {
        var counted = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            { if (instrument.Name.StartsWith("aipipe.target.", StringComparison.Ordinal)) listener.EnableMeasurementEvents(instrument); }
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) =>
        {
            var said = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value as string, StringComparer.Ordinal);
            if (said["aipipe.route"] == "counted") counted.Enqueue($"{instrument.Name[14..]} "
                + $"{said["gen_ai.provider.name"]}/{said["gen_ai.request.model"]} {said.GetValueOrDefault("aipipe.outcome")}".TrimEnd());
        });
        listener.Start();
        await _gateway.ChangeAsync(
            new
            {
                path = Path("Aliases", "counted"),
                value = new { Targets = new[] { new { Provider = "dead", Model = "m" } }, Retries = 1 }
            });
        for (var i = 0; i < 2; i++)
        {
            using var response = await _gateway.Http.SendAsync(
                _gateway.Post("/v1/chat/completions",
                Asked.Replace("{\"messages", "{\"model\":\"counted\",\"messages", StringComparison.Ordinal)));
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        }
        Assert.Equal(["attempts dead/m connection", "attempts dead/m connection", "circuit_breaker.openings dead/m",
            "attempts dead/m connection", "attempts dead/m connection"], counted);
    }

    [Fact]
    public async Task Listing_is_for_admins_and_shows_no_secret()
    {
        await _gateway.ChangeAsync(new
        {
            path = Path("Routes", "2"),
            value = new
            {
                Path = "/s",
                Targets = new[] { new { Provider = "a", Model = "m", Endpoint = "https://llm.example/v1/x?code=s3cret",
                Header = new { Authorization = "s3cret" }, Query = new { key = "s3cret" } } }
            },
        });
        await _gateway.ChangeAsync(new { path = Path("Aliases", "fast"), value = new { Provider = "b", Model = "m" } });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/routes");
        request.Headers.Add("Authorization", $"Bearer {_gateway.Token()}");
        using var refused = await _gateway.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        var listed = await _gateway.GetJsonAsync("/admin/routes", _gateway.Token(Admin));
        Assert.DoesNotContain("s3cret", listed.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(["1", "2"], listed.GetProperty("routes").EnumerateArray().Select(route => route.Text("id")));
        Assert.Equal("llm.example", listed.GetProperty("routes")[1].GetProperty("targets")[0].Text("host"));
        Assert.Equal("fast", Assert.Single(listed.GetProperty("aliases").EnumerateArray().ToList()).Text("id"));
        // APISIX's own listing has no words for a second target: sent back it would be lost.
        using var patch = await _gateway.SendAsync(HttpMethod.Patch, "/apisix/admin/routes/1", _gateway.Token(Admin), new { desc = "x" });
        Assert.Equal((HttpStatusCode.BadRequest, 2),
            (patch.StatusCode, (await _gateway.GetJsonAsync("/admin/routes", _gateway.Token(Admin))).GetProperty("routes")[0]
            .GetProperty("targets").GetArrayLength()));
    }

    private async Task LayAsync(int weight) => await _gateway.ChangeAsync(new
    {
        path = Path("Routes", "1"),
        value = new
        {
            Path = "/r",
            Timeout = 60_000,
            Targets = new[] { new { Provider = "a", Model = "m", Weight = weight, Priority = 1 },
            new { Provider = "b", Model = "m", Weight = 1, Priority = 0 } }
        },
    });

    private void Move(int seconds) => _clock.Move(TimeSpan.FromSeconds(seconds));

    /// <summary>Who was asked by so many calls.</summary>
    private async Task<string> CallAsync(int times)
    {
        var before = _gateway.Provider.Seen.Count;
        for (var i = 0; i < times; i++)
        {
            using var response = await _gateway.Http.SendAsync(_gateway.Post("/r", Asked));
        }
        return string.Join(' ', _gateway.Provider.Seen.Skip(before).Select(seen => seen.Target.Split('/')[1]));
    }

    private async Task<(string Status, int Troubles, string Last, int LastStatus)> HealthAsync()
    {
        var target = (await _gateway.GetJsonAsync("/admin/routes", _gateway.Token(Admin))).GetProperty("routes")[0]
            .GetProperty("targets")[0];
        return (target.Text("status"), target.GetProperty("troubles")
            .GetInt32(), target.Text("last_outcome"), target.GetProperty("last_status").GetInt32());
    }
}
