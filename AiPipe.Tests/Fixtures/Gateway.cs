using System.ClientModel;
using System.Net.Http.Headers;
using System.Text.Json;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Upstream.Unfinished;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;

namespace AiPipe.Tests.Fixtures;

/// <summary>The gateway in this process, on a port of its own, before a fake provider and on a database of its own.</summary>
public sealed class Gateway : IAsyncDisposable
{
    public const string ProviderKey = "sk-provider-key-of-ours";
    public const string Secret = "a-secret-of-these-tests-0123456789";
    public const string Ann = "ann@example.com";

    private readonly WebApplication _app;

    private Gateway(WebApplication app, FakeProvider provider, string address) =>
        (_app, Provider, Address, Http) = (app, provider, address, new HttpClient(new SocketsHttpHandler
        {
            // Who leaves an answer leaves at once, instead of reading on for a while in the hope of using the connection again.
            ResponseDrainTimeout = TimeSpan.Zero,
        })
        {
            BaseAddress = new Uri(address),
        });

    public FakeProvider Provider { get; }
    public string Address { get; }
    public HttpClient Http { get; }
    public IServiceProvider Services => _app.Services;
    public LogLines Logs { get; private init; } = new();

    /// <summary>The address of the user who calls, unless a test names another.</summary>
    public string User { get; set; } = Ann;

    /// <summary>Starts a gateway.</summary>
    /// <param name="database">Connection string of its database.</param>
    /// <param name="configure">Changes to <see cref="Settings"/>.</param>
    /// <param name="folder">Where its journal is; a new folder when not given.</param>
    /// <param name="extend">Adds to the gateway before it is built.</param>
    /// <param name="servesPages">Whether it serves the Portal's pages.</param>
    public static async Task<Gateway> StartAsync(
        string database, Action<Dictionary<string, string?>>? configure = null, string? folder = null,
            Action<WebApplicationBuilder>? extend = null,
        bool servesPages = false)
    {
        var provider = await FakeProvider.StartAsync();
        var settings = Settings(database, provider.Address, folder ?? Scratch.NewFolder("gateway"));
        configure?.Invoke(settings);
        BePatient(settings);
        var logs = new LogLines();
        try
        {
            var app = Proxy.Program.Build([], builder =>
            {
                builder.Configuration.AddInMemoryCollection(settings);
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                builder.AddLogLines(logs);
                builder.Services.AddSingleton<TimeProvider>(new TestClock());
                // The timers of handlers that are replaced after two minutes would keep an ended host in memory as long.
                builder.Services.ConfigureHttpClientDefaults(static client => client.SetHandlerLifetime(Timeout.InfiniteTimeSpan));
                extend?.Invoke(builder);
            }, servesPages);
            var counts = RedisProcess.Follow(settings.GetValueOrDefault("REDIS_ADDRESS"), app.Services.GetRequiredService<TimeProvider>());
            await app.StartAsync();
            if (counts) await RedisProcess.JoinedAsync(app.Services);
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            return new Gateway(app, provider, address) { Logs = logs };
        }
        catch
        {
            // Some settings stop the start.
            await provider.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Starts one whose clock stands still: what a call takes of a rate limit does not come back before the test says so, however long the
    /// machine takes.
    /// </summary>
    /// <param name="database">Connection string of its database.</param>
    /// <param name="configure">Changes to <see cref="Settings"/>.</param>
    /// <param name="clock">The clock; one that nobody moves when not given.</param>
    internal static Task<Gateway> StartStillAsync(
        string database, Action<Dictionary<string, string?>>? configure = null, StillClock? clock = null) =>
        StartAsync(database, configure, extend: builder => builder.Services.AddSingleton<TimeProvider>(clock ?? new StillClock()));

    /// <summary>Starts one with a clock of the test's.</summary>
    internal static Task<Gateway> StartAsync(string database, Action<Dictionary<string, string?>> configure, TestClock clock) =>
        StartAsync(database, configure, extend: builder => builder.Services.AddSingleton<TimeProvider>(clock));

    public static Dictionary<string, string?> Settings(string database, string provider, string folder) => new()
    {
        ["ConnectionStrings:aipipe"] = database,
        ["AIPIPE_SECRET"] = Secret,
        ["AIPIPE_DATA"] = folder,
        ["AiPipe:Providers:openai:BaseUrl"] = provider,
        ["AiPipe:Providers:openai:AllowsByok"] = "true",
        ["AiPipe:Providers:openai:Keys:0"] = ProviderKey,
        ["AiPipe:Providers:gemini:BaseUrl"] = provider + "/v1beta",
        ["AiPipe:Providers:gemini:AllowsByok"] = "true",
        ["AiPipe:Providers:gemini:Keys:0"] = "AIza-of-ours",
        ["AiPipe:Providers:openrouter:BaseUrl"] = provider + "/api",
        ["AiPipe:Providers:openrouter:AllowsByok"] = "true",
        ["AiPipe:Providers:openrouter:Keys:0"] = "sk-or-of-ours",
        ["AiPipe:Budgets:*:Limit"] = "1",
        ["AiPipe:Budgets:*:Days"] = "7",
        ["AiPipe:Admins:0"] = "admin@example.com",
        // On a busy machine even a connection within it may take seconds.
        ["AiPipe:Forwarding:ConnectTimeout"] = "0:01:00",
    };

    /// <summary>A Redis that is there may answer late on a busy machine: that is no outage.</summary>
    internal static void BePatient(Dictionary<string, string?> settings)
    {
        if (settings.ContainsKey("REDIS_ADDRESS")) settings.TryAdd("AiPipe:Budgets:CounterTimeout", $"{TestClock.CounterTimeout:c}");
    }

    /// <summary>The token of a user.</summary>
    public string Token(string? email = null) => Services.GetRequiredService<TokenIssuer>().Issue(email ?? User);

    /// <summary>The official client, pointed at the gateway as a user would.</summary>
    public OpenAIClient OpenAi(string? token = null) => new(
        new ApiKeyCredential(token ?? Token()),
        new OpenAIClientOptions
        {
            Endpoint = new Uri(Address + "/openai/v1"),
            RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(maxRetries: 0)
        });

    /// <summary>A request with a JSON body and the user's token.</summary>
    public HttpRequestMessage Post(string path, string json, string? token = null)
    {
        var request = new HttpRequestMessage(
            HttpMethod.Post, path)
        { Content = new StringContent(json, new MediaTypeHeaderValue("application/json")) };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token ?? Token()}");
        return request;
    }

    public async Task<JsonElement> GetJsonAsync(string path, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token ?? Token()}");
        using var response = await Http.SendAsync(request);
        return await response.JsonAsync();
    }

    /// <summary>What <c>/usage</c> says that somebody spent.</summary>
    public async Task<decimal> SpentAsync(string? email = null) =>
        (await GetJsonAsync("/usage", Token(email))).GetProperty("cost").GetDecimal();

    /// <summary>Waits until everything written down is in Postgres.</summary>
    public Task FlushAsync() => Services.GetRequiredService<CostLedger>().FlushAsync(CancellationToken.None);

    /// <summary>Shuts it down as a signal does.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>Returns when a response is read without its caller.</summary>
    public Task DetachedAsync() =>
        Eventually.TrueAsync(() => Services.GetRequiredService<UnfinishedCalls>().Count > 0, "a response being read without its caller");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        // The provider first: a call that still hangs in it would hold the gateway's shutdown up.
        await Provider.DisposeAsync();
        await _app.StopAsync();
        var clock = Services.GetRequiredService<TimeProvider>() as TestClock;
        await _app.DisposeAsync();
        clock?.StopTimers();
    }
}
