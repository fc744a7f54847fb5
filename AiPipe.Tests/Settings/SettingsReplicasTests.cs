using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Npgsql;
using static AiPipe.Tests.Settings.SettingsClient;

namespace AiPipe.Tests.Settings;

/// <summary>Two replicas on one database, which may go away.</summary>
public sealed class SettingsReplicasTests : TwoReplicasTest
{
    private const string Bob = "bob@example.com";

    [Fact]
    public async Task Each_follows_the_other_within_seconds_and_a_new_one_knows_it_from_the_start()
    {
        await Here.ChangeAsync(new { path = Path("Budgets", Bob), value = new { Limit = 3, Days = 1 } });
        await Eventually.TrueAsync(async () => await There.LimitAsync(Bob) == 3, "the change on the other replica");
        await There.ChangeAsync(new { path = Path("Budgets", Bob), value = new { Limit = 4, Days = 1 } });
        await Eventually.TrueAsync(async () => await Here.LimitAsync(Bob) == 4, "the answer to it");

        await using var late = await Gateway.StartAsync(Database);
        Assert.Equal(4, await late.LimitAsync(Bob));
    }

    [Fact]
    public async Task Changes_of_many_admins_at_once_are_all_made_and_all_told()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            (i % 2 == 0 ? Here : There)
                .ChangeAsync(new { path = Path("Budgets", $"p{i}@example.com"), value = new { Limit = i + 2, Days = 1 } })));

        Assert.Equal(20, (await Here.AuditAsync("?limit=200")).Count);
        foreach (var gateway in (Gateway[])[Here, There])
            await Eventually.TrueAsync(async () =>
            {
                for (var i = 0; i < 20; i++)
                    if (await gateway.LimitAsync($"p{i}@example.com") != i + 2) return false;
                return true;
            }, "all changes");
    }

    [Fact]
    public async Task Without_postgres_a_change_is_refused_soon_and_what_held_holds()
    {
        await Here.ChangeAsync(new { path = Path("Budgets", Bob), value = new { Limit = 3, Days = 1 } });
        Assert.Null(await Here.CallAsync(Here.Token(Bob)));
        await Server.PauseAsync();
        try
        {
            var (status, code, _) = await Here.RefusedAsync(new { path = Path("Budgets", Bob), value = new { Limit = 0, Days = 1 } })
                .WaitAsync(Eventually.Limit);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "ledger_unavailable"), (status, code));
            Assert.Null(await Here.CallAsync(Here.Token(Bob)));
            Assert.False((await Here.GetJsonAsync("/admin/system", Here.Token(Admin))).GetProperty("postgres").GetProperty("ok")
                .GetBoolean());
        }
        finally
        {
            await Server.ResumeAsync();
        }
        // Either the change was made in the end, or it was not: never half, and never without its audit entry.
        await Eventually.TrueAsync(async () => await Here.LimitAsync(Bob) == await There.LimitAsync(Bob), "both saying the same");
        var limits = (await Here.AuditAsync()).Select(entry => entry.GetProperty("after").GetProperty("Limit").GetDecimal());
        Assert.Equal(await Here.LimitAsync(Bob), limits.First());
    }

    [Fact]
    public async Task Rows_that_a_version_cannot_read_stop_no_start_and_are_told_once()
    {
        await Here.ChangeAsync(new { path = Path("Budgets", Bob), value = new { Limit = 3, Days = 1 } });
        await using (var source = NpgsqlDataSource.Create(Database))
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var command = new NpgsqlCommand("""
                insert into settings (key, path, value, version, changed_at, changed_by) values
                    ('routes' || chr(10) || 'x', array['Routes', 'x'], '{ "Path": "/x" }', 7, now(), 'newer'),
                    ('budgets' || chr(10) || 'ann@example.com', array['Budgets', 'ann@example.com'], '{ "Limit": 1, "Fortnights": 2 }', 8, now(), 'newer'),
                    ('providers' || chr(10) || 'openai', array['Providers', 'openai'], '{ "Keys": ["c2VhbGVkIGJ5IG5vYm9keSB0aGF0IHdlIGtub3c="] }', 9, now(), 'newer'),
                    ('roles' || chr(10) || 'bob@example.com', array['Roles', 'bob@example.com'], '"teacher"', 10, now(), 'newer');
                update changes set version = version + 1 where part = 'settings'
                """, connection);
            await command.ExecuteNonQueryAsync();
        }

        await using var late = await Gateway.StartAsync(Database);
        foreach (var gateway in (Gateway[])[There, late])
        {
            await Eventually.TrueAsync(() => Told(gateway) == 3, "three lines");
            Assert.Equal(3, await gateway.LimitAsync(Bob));
            Assert.Null(await gateway.CallAsync(gateway.Token()));
        }
        await late.ChangeAsync(new { path = Path("Budgets", "carl@example.com"), value = new { Limit = 5, Days = 1 } });
        await Eventually.TrueAsync(async () => await There.LimitAsync("carl@example.com") == 5, "the change beside them");
        Assert.Equal((3, 3), (Told(There), Told(late)));
        Assert.Equal(3, (await late.SettingsAsync()).GetProperty("passed_over").GetArrayLength());
        // It can be mended by laying another one over it.
        await late.ChangeAsync(new { path = Path("Budgets", "ann@example.com"), value = new { Limit = 6, Days = 1 } });
        Assert.Equal(6, await late.LimitAsync("ann@example.com"));
    }

    private static int Told(Gateway gateway) =>
        gateway.Logs.Lines.Count(line => line.Contains("Ignoring an invalid setting", StringComparison.Ordinal));
}
