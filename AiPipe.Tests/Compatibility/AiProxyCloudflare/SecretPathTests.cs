using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Compatibility.AiProxyCloudflare;

/// <summary>What is in a path that must not be told: to logs and their scopes, spans, metrics, answers.</summary>
public sealed class SecretPathTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Word = "correct-horse-battery";
    private const string Slip = "correct-horse-bettery";
    private const string Key = "gsk_a/secret+key_of-ours";

    private readonly ConcurrentQueue<string> _told = new();
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await Gateway.StartAsync(await postgres.NewDatabaseAsync(), settings =>
        (settings["ACCESS_TOKEN"], settings["AiPipe:Routes:0:Path"], settings["AiPipe:Routes:0:Targets:0:Provider"],
            settings["AiPipe:Routes:0:Targets:0:Model"]) =
            (Word, "/tickets/*", "openai", "gpt-4o-mini"),
        // Everything, at every level: what an operator might turn on when something is wrong.
        extend: builder => builder.Services.PostConfigure<LoggerFilterOptions>(static options => options.Rules.Clear())
            .AddSingleton<ILoggerProvider>(new Scopes(_told))
            // A wrong word that was told does not become forgotten, however long the machine takes.
            .AddSingleton<TimeProvider>(new StillClock()));

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Nothing_that_the_gateway_tells_of_itself_has_the_token_or_a_key()
    {
        using var spans = Spans();
        using var metrics = Metrics();
        string[] paths =
        [
            $"/{Word}/register/janlay?days=7", $"/{Word}/register/janlay", $"/{Word}/reset/janlay", $"/{Word}/addkey/api.groq.com/{Key}",
                $"/{Word}/addkey/{Key}/api.groq.com",
            $"/{Word}/addkey/api.groq.com", $"/{Word}/ADDKEY/api.groq.com/{Key}", $"/{Word}", $"/{Word}/", $"/{Word}/nothing/{Key[..6]}",
                $"//{Word}/register/ann", $"/prefix/{Word}/register/janlay",
            $"/{Word}%2Fregister%2Fjanlay", $"/{Word}%5Cregister", $"/{Word}/register/a%2Fb", $"/x%2f{Word}", $"/{Slip}/register/janlay",
                $"/{Slip}/addkey/api.groq.com/{Key}",
            // A script's base address ended in /v1, or in a provider's name.
            $"/v1/{Word}/register/janlay", $"/openai/{Word}/addkey/api.groq.com/{Key}", $"/openai/v1/{Word}/reset/janlay",
        ];
        foreach (var path in paths)
        {
            using var response = await _gateway.Http.PostAsync(new Uri(_gateway.Address + path), content: null);
            Assert.DoesNotContain(Word, await response.Content.ReadAsStringAsync() + response.Headers, StringComparison.Ordinal);
        }
        using var deleted = await _gateway.Http.DeleteAsync($"/{Word}/delete/janlay");
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);

        // It was listened to: what stands where the token stood is there. On spans, only the instrumentation puts a path (TraceTests).
        await Eventually.TrueAsync(
            () => _told.Count(line => line.StartsWith("span ", StringComparison.Ordinal)) > paths.Length, "all spans");
        foreach (var kind in (string[])["scope ", "log "])
            Assert.Contains(_told, line =>
                line.StartsWith(kind, StringComparison.Ordinal)
                && line.Contains("/ACCESS_TOKEN/register/janlay", StringComparison.Ordinal));
        Assert.Contains(_told, line => line.StartsWith("metric http.server.request.duration", StringComparison.Ordinal));
        Assert.All(_told.Concat(_gateway.Logs.Lines), line =>
        {
            foreach (var secret in (string[])[Word, Slip, "secret+key"]) Assert.DoesNotContain(
                secret, line, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public async Task Wrong_word_is_answered_like_a_provider_that_is_not_there()
    {
        await using var without = await Gateway.StartAsync(await postgres.NewDatabaseAsync());
        foreach (var gateway in (Gateway[])[_gateway, without])
        {
            foreach (var path in (string[])["register/janlay", "addkey/api.groq.com/gsk", "chat/completions"])
            {
                using var response = await gateway.Http.PostAsync(new Uri($"{gateway.Address}/{Slip}/{path}"), content: null);
                Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
                Assert.Equal(
                    $$$"""{"error":{"message":"Unknown provider: {{{Slip}}}","type":"invalid_request_error","code":"unknown_provider"},"message":"Unknown provider: {{{Slip}}}"}""",
                    await response.Content.ReadAsStringAsync());
            }
            using var named = await gateway.Http.PostAsync("/ACCESS_TOKEN/register/janlay", content: null);
            Assert.Equal("unknown_provider", await named.CodeAsync());
        }
        // Without one, nothing opens anything.
        using var empty = await without.Http.PostAsync($"/{Word}/register/janlay", content: null);
        Assert.Equal("unknown_provider", await empty.CodeAsync());
    }

    [Fact]
    public async Task Route_may_be_called_like_one_of_the_actions()
    {
        using var response = await _gateway.Http.SendAsync(_gateway.Post("/tickets/reset/mine", """{"messages":[{"role":"user","content":"Hi"}]}"""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Address_that_guesses_too_often_waits_even_when_it_is_right()
    {
        using (var right = await _gateway.Http.PostAsync($"/{Word}/register/first", content: null)) Assert.Equal(
            HttpStatusCode.OK, right.StatusCode);
        var codes = new List<string?>();
        for (var i = 0; i < 30; i++)
        {
            using var response = await _gateway.Http.PostAsync($"/guess-number-{i}/register/janlay", content: null);
            codes.Add(await response.CodeAsync());
        }
        Assert.Equal("unknown_provider", codes[0]);
        Assert.Equal("rate_limited", codes[^1]);
        using var late = await _gateway.Http.PostAsync($"/{Word}/reset/first", content: null);
        Assert.Equal(HttpStatusCode.TooManyRequests, late.StatusCode);
        Assert.Null(await Accounts.Apps.AppClient.CallAsync(_gateway, _gateway.Token()));
    }

    [Fact]
    public async Task Who_is_right_may_go_on_as_long_as_they_like()
    {
        for (var i = 0; i < 40; i++)
        {
            using var response = await _gateway.Http.PostAsync($"/{Word}/register/user{i}", content: null);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("short77")]
    [InlineData("changeme")]
    [InlineData("access-token")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("with/slash/es")]
    [InlineData("with blanks here")]
    [InlineData("hundred%25percent")]
    [InlineData("openrouter")]
    [InlineData("similarity")]
    public async Task Bad_token_stops_the_start_in_one_line_that_does_not_tell_it(string word)
    {
        var wrong = await Assert.ThrowsAnyAsync<OptionsValidationException>(
            () => Gateway.StartAsync("Host=127.0.0.1;Port=1", settings => settings["ACCESS_TOKEN"] = word));
        Assert.StartsWith("ACCESS_TOKEN ", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(word, wrong.Message, StringComparison.Ordinal);
    }

    private ActivityListener Spans()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is "AiPipe" or "Microsoft.AspNetCore" or "System.Net.Http" or "Npgsql",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            // The test's own client knows the token.
            ActivityStopped = span =>
            {
                if (span.Kind != ActivityKind.Client || span.Source.Name != "System.Net.Http")
                    _told.Enqueue($"span {span.DisplayName} {string.Join(' ', span.TagObjects)} "
                        + $"{string.Join(' ', span.Events.SelectMany(e => e.Tags))}");
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private MeterListener Metrics()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name is "AiPipe" or "Microsoft.AspNetCore.Hosting" or "Microsoft.AspNetCore.Server.Kestrel"
                    or "Microsoft.AspNetCore.Routing") listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>(
            (instrument, _, tags, _) => _told.Enqueue($"metric {instrument.Name} {string.Join(' ', tags.ToArray())}"));
        listener.SetMeasurementEventCallback<long>(
            (instrument, _, tags, _) => _told.Enqueue($"metric {instrument.Name} {string.Join(' ', tags.ToArray())}"));
        listener.Start();
        return listener;
    }

    /// <summary>All log lines with their scopes, as an exporter has them that includes those.</summary>
    private sealed class Scopes(ConcurrentQueue<string> told) : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider? _scopes;

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose() { }

        private sealed class Logger(Scopes provider, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
            public bool IsEnabled(LogLevel logLevel) => true;

            // What the test's own client says is its own matter.
            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (category.StartsWith("System.Net.Http", StringComparison.Ordinal)) return;
                provider.Tell($"log {category}: {formatter(state, exception)} {exception}");
                provider._scopes?.ForEachScope((scope, _) => provider.Tell($"scope {scope}"), provider);
            }
        }

        private void Tell(string line) => told.Enqueue(line);
    }
}
