using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Fixtures.Otlp;

namespace AiPipe.Tests.Telemetry;

/// <summary>A gateway in its own process, with Postgres, Redis and a collector that receives telemetry from this gateway only.</summary>
public class ObservedGateway(PostgresFixture postgres) : IAsyncLifetime
{
    /// <summary>The secret with which paths of ai-proxy-cloudflare begin.</summary>
    public const string AccessToken = "correct-horse-battery";

    private readonly RedisFixture _redis = new();

    public OtlpReceiver Collector { get; private set; } = null!;
    public FakeProvider Provider { get; private set; } = null!;
    public RedisProcess Redis { get; private set; } = null!;
    public GatewayProcess Process { get; private set; } = null!;
    public HttpClient Http => Process.Http;

    public async ValueTask InitializeAsync()
    {
        Collector = await OtlpReceiver.StartAsync();
        Provider = await FakeProvider.StartAsync();
        var folder = Scratch.NewFolder("gateway");
        var settings = Gateway.Settings(await postgres.NewDatabaseAsync(), Provider.Address, folder);
        Redis = await _redis.NewServerAsync();
        settings["REDIS_ADDRESS"] = Redis.Address;
        settings["AiPipe:Providers:openai:Keys:1"] = "sk-second-key";
        settings["AiPipe:Providers:demo:AllowsByok"] = "false";
        settings["ACCESS_TOKEN"] = AccessToken;
        settings["AiPipe:Budgets:spent@example.com:Limit"] = "0";
        settings["AiPipe:Budgets:spent@example.com:Days"] = "1";
        Configure(settings);
        Process = await GatewayProcess.StartAsync(settings, Collector.Environment);
    }

    /// <summary>Sends a request and returns its trace id, once the response has ended.</summary>
    public async Task<string> CallAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await Http.SendAsync(request);
            await response.Content.ReadAsStringAsync();
            return response.Headers.GetValues("x-trace-id").Single();
        }
    }

    /// <summary>Reads the metrics as Prometheus does.</summary>
    public Task<string> ScrapeAsync() => Process.ScrapeAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Process is not null) await Process.DisposeAsync();
        if (Provider is not null) await Provider.DisposeAsync();
        if (Collector is not null) await Collector.DisposeAsync();
        await _redis.DisposeAsync();
    }

    protected virtual void Configure(Dictionary<string, string?> settings) { }
}

/// <summary>The gateway that tests with the same settings share.</summary>
[CollectionDefinition(nameof(ObservedGateway))]
public sealed class SharesObservedGateway : ICollectionFixture<ObservedGateway>;
