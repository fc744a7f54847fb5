using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using AiPipe.Proxy.Journey.Authentication;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Npgsql;
using StackExchange.Redis;

namespace AiPipe.Tests.AppHost;

/// <summary>The whole application, as <c>dotnet run --project AiPipe.AppHost</c> starts it here.</summary>
public sealed class AppHostTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private readonly TemporaryFolder _folder = new();
    private readonly string _secret = RandomNumberGenerator.GetHexString(64);
    private DistributedApplication _app = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AiPipe_AppHost>(
            [$"--AIPIPE_DATA={_folder.Path}", $"--Parameters:aipipe-secret={_secret}", "--DcpPublisher:WaitForResourceCleanup=false"], Cancellation);
        // The dashboard does not run in tests: what is sent to it would hold up the end.
        foreach (var project in builder.Resources.OfType<ProjectResource>())
            builder.CreateResourceBuilder(project).WithEnvironment(context => context.EnvironmentVariables.Remove("OTEL_EXPORTER_OTLP_ENDPOINT"));
        _app = await builder.BuildAsync(Cancellation);
        output.WriteLine($"built after {Stopwatch.GetElapsedTime(begun)}");
        await _app.StartAsync(Cancellation).WaitAsync(Patience, Cancellation);
        output.WriteLine($"started after {Stopwatch.GetElapsedTime(begun)}");
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("proxy", Cancellation).WaitAsync(Patience, Cancellation);
        output.WriteLine($"healthy after {Stopwatch.GetElapsedTime(begun)}");
    }

    public async ValueTask DisposeAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        await _app.StopAsync(CancellationToken.None);
        output.WriteLine($"stopped after {Stopwatch.GetElapsedTime(begun)}");
        await _app.DisposeAsync();
        output.WriteLine($"gone after {Stopwatch.GetElapsedTime(begun)}");
        _folder.Dispose();
    }

    [Fact]
    public async Task A_metered_call_stands_in_Postgres_and_is_counted_in_Redis()
    {
        using var http = _app.CreateHttpClient("proxy", "http");
        http.DefaultRequestHeaders.Authorization = new("Bearer", Jwt.Sign(Encoding.UTF8.GetBytes("""{"email":"ann@example.com"}"""), Encoding.UTF8.GetBytes(_secret)));
        using var answer = await http.PostAsJsonAsync("/demo/v1/chat/completions", new { model = "demo", messages = new[] { new { role = "user", content = "Hello" } } }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var cost = decimal.Parse(answer.Headers.GetValues("cost").Single(), System.Globalization.CultureInfo.InvariantCulture);

        await using var postgres = NpgsqlDataSource.Create((await _app.GetConnectionStringAsync("aipipe", Cancellation))!);
        await using var row = postgres.CreateCommand("select cost from ledger_entries where user_name = 'ann@example.com'");
        object? booked = null;
        await Support.Eventually.TrueAsync(async () => (booked = await row.ExecuteScalarAsync(Cancellation)) is not null, "the entry");
        Assert.Equal(cost, booked);

        using var redis = await ConnectionMultiplexer.ConnectAsync((await _app.GetConnectionStringAsync("redis", Cancellation))!);
        var scope = redis.GetServers().Single().Keys(pattern: "*scope:user:ann@example.com").Single();
        var counted = (await redis.GetDatabase().HashGetAllAsync(scope)).Where(field => field.Name.StartsWith("b") || field.Name.StartsWith("o")).Sum(field => (long)field.Value);
        Assert.Equal(cost, counted / 1_000_000_000_000m);
    }
}
