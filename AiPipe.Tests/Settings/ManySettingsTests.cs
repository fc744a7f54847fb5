using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Npgsql;
using static AiPipe.Tests.Settings.SettingsClient;

namespace AiPipe.Tests.Settings;

/// <summary>A school's worth of settings.</summary>
public sealed class ManySettingsTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Thousands_of_budgets_hold_up_neither_a_change_nor_a_start()
    {
        var database = await postgres.NewDatabaseAsync();
        await using (var source = NpgsqlDataSource.Create(database))
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var command = new NpgsqlCommand("""
                insert into settings (key, path, value, version, changed_at, changed_by)
                select 'budgets' || chr(10) || 'p' || i || '@example.com', array['Budgets', 'p' || i || '@example.com'],
                    '{ "Limit": 2, "Days": 7, "Models": { "gpt-4o": { "Limit": 1, "Days": 1 } } }', i, now(), 'import' from generate_series(1, 10000) as i;
                insert into changes (part, version) values ('settings', 10000)
                """, connection);
            await command.ExecuteNonQueryAsync();
        }
        await using var gateway = await Gateway.StartAsync(database);
        Assert.Equal(2, await gateway.LimitAsync("p10000@example.com"));

        // Seconds on a busy machine; configuration's own sections, which go through all keys for each, would take minutes.
        await gateway.ChangeAsync(new { path = Path("Budgets", "p5000@example.com"), value = new { Limit = 3, Days = 7 } })
            .WaitAsync(Eventually.Limit);
        Assert.Equal(3, await gateway.LimitAsync("p5000@example.com"));
    }
}
