using AiPipe.Tests.Fixtures;
using Npgsql;

namespace AiPipe.Tests.Infrastructure.Postgres;

public sealed class DatabaseStartupTests(PostgresFixture postgres)
{
    private const int Replicas = 6;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Replicas_start_together_on_a_new_database(bool exists)
    {
        var database = new NpgsqlConnectionStringBuilder(await postgres.NewEmptyDatabaseAsync());
        if (!exists) database.Database += "_none";
        var gateways = await Task.WhenAll(
            Enumerable.Range(0, Replicas).Select(_ => Task.Run(() => Gateway.StartAsync(database.ConnectionString))));
        foreach (var gateway in gateways)
        {
            Assert.Equal(0, await gateway.SpentAsync());
            await gateway.DisposeAsync();
        }
    }
}
