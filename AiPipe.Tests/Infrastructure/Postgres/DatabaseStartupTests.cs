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

    /// <summary>A migration that is renamed would run again on the databases of earlier versions, and fail.</summary>
    [Fact]
    public async Task Migrations_keep_the_ids_that_earlier_versions_recorded()
    {
        var database = await postgres.NewEmptyDatabaseAsync();
        await (await Gateway.StartAsync(database)).DisposeAsync();
        await using var source = NpgsqlDataSource.Create(database);
        await using var command =
            source.CreateCommand("select string_agg(\"MigrationId\", ' ' order by \"MigrationId\") from \"__EFMigrationsHistory\"");

        Assert.StartsWith(
            "20261121071135_Ledger 20261121093942_DailySpendEntries 20261121100041_Replicas 20261121111948_AppGrants " +
            "20261121123841_PartVersions 20261121125842_SettingsAndAudit 20261121131731_UnattributedEntries "
                + "20261121131820_PeopleAndClasses " +
            "20261121133828_CallsAndKeys 20261121190703_QuestionsOfCodes 20261130013815_CookieKeys",
            (string?)await command.ExecuteScalarAsync());
    }
}
