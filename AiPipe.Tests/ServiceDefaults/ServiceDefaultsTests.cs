using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace AiPipe.Tests.ServiceDefaults;

/// <summary>Telemetry and connection strings of a service.</summary>
public sealed class ServiceDefaultsTests
{
    [Fact]
    public void Without_a_collector_nothing_is_instrumented()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddServiceDefaults();
        using var services = builder.Services.BuildServiceProvider();
        Assert.Null(services.GetService<TracerProvider>());
        Assert.Null(services.GetService<MeterProvider>());
    }

    [Fact]
    public void Collector_address_other_than_http_stops_the_start()
    {
        var builder = WebApplication.CreateSlimBuilder(["--OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4317"]);
        var wrong = Assert.Throws<InvalidOperationException>(() => builder.AddServiceDefaults());
        Assert.Equal("OTEL_EXPORTER_OTLP_ENDPOINT is not an http(s) URL. Write it like http://localhost:4317", wrong.Message);
    }

    [Fact]
    public void Missing_connection_strings_are_reported_with_the_variable_to_set()
    {
        var builder = WebApplication.CreateSlimBuilder();
        var postgres = Assert.Throws<InvalidOperationException>(() => builder.AddDatabase<Nothing>("aipipe"));
        Assert.Equal("ConnectionStrings:aipipe is missing. Set ConnectionStrings__aipipe to a PostgreSQL database: "
            + "Host=localhost;Username=…;Password=…;Database=aipipe", postgres.Message);
        var redis = Assert.Throws<InvalidOperationException>(() => builder.AddRedis("redis"));
        Assert.Equal(
            "ConnectionStrings:redis is missing. Set ConnectionStrings__redis to a Redis server: localhost:6379,password=…", redis.Message);
    }

    [Theory]
    [InlineData("aipipe", "postgres://user:hunter2@localhost/aipipe")]
    [InlineData("aipipe", "Host=localhost;Passwrd=hunter2")]
    [InlineData("aipipe", "Host=localhost;Port=hunter2")]
    [InlineData("aipipe", "Password=hunter2")]
    [InlineData("redis", "localhost:6379,passwrd=hunter2")]
    [InlineData("redis", "localhost:6379,syncTimeout=hunter2")]
    [InlineData("redis", "password=hunter2")]
    public void Error_names_a_malformed_connection_string_but_not_its_value(string name, string value)
    {
        var builder = WebApplication.CreateSlimBuilder([$"--ConnectionStrings:{name}={value}"]);
        var wrong = Assert.Throws<InvalidOperationException>(() =>
        {
            if (name == "redis") builder.AddRedis(name);
            else builder.AddDatabase<Nothing>(name);
        });
        Assert.StartsWith($"ConnectionStrings:{name} is not a connection string of a ", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", wrong.ToString(), StringComparison.Ordinal);
    }

    private sealed class Nothing(DbContextOptions<Nothing> options) : DbContext(options);
}
