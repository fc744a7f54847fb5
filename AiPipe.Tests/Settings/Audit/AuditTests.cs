using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Settings.Audit;

/// <summary>Who did what, as admins read it.</summary>
public sealed class AuditTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Tokens_for_others_and_corrections_are_written_down_and_ones_own_token_is_not()
    {
        await StartOwnAsync();
        var admin = Gateway.Token(SettingsClient.Admin);
        var today = TestClock.UtcToday.ToString("yyyy-MM-dd");
        await Gateway.GetJsonAsync("/admin/token", admin);
        var token = (await Gateway.GetJsonAsync("/admin/token?email=Bob@Example.com", admin)).Text("token");
        using var correction =
            await Gateway.SendAsync(HttpMethod.Post, "/admin/cost", admin, new { email = "ann@example.com", date = today, cost = 0.5m });
        Assert.True(correction.IsSuccessStatusCode);

        var entries = await Gateway.AuditAsync();
        Assert.Equal([("cost.set", "ann@example.com"), ("token.issue", "bob@example.com")],
            entries.Select(entry => (entry.Text("action"), entry.Text("subject"))));
        Assert.All(entries, entry => Assert.Equal(SettingsClient.Admin, entry.Text("who")));
        Assert.Equal((0.5m, today),
            (entries[0].GetProperty("after").GetProperty("cost").GetDecimal(), entries[0].GetProperty("after").Text("date")));
        Assert.DoesNotContain(token, string.Join(' ', entries), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_follow_each_other_and_a_subject_is_found_by_its_last_part()
    {
        await StartOwnAsync();
        for (var i = 0; i < 5; i++) await Gateway.ChangeAsync(
            new
            {
                path = SettingsClient.Path("Budgets", $"p{i % 2}@example.com"),
                value = new { Limit = i, Days = 1 },
                note = $"n{i}\t\u2028"
            });
        List<string> seen = [];
        var next = "";
        do
        {
            var page = await Gateway.GetJsonAsync($"/admin/audit?limit=2&before={next}", Gateway.Token(SettingsClient.Admin));
            seen.AddRange(page.GetProperty("entries").EnumerateArray().Select(entry => entry.Text("note")[..2]));
            next = page.TryGetProperty("next", out var id) ? id.GetString() : null;
        }
        while (next is not null);

        Assert.Equal(["n4", "n3", "n2", "n1", "n0"], seen);
        Assert.Equal(2, (await Gateway.AuditAsync("?subject=p1@example.com")).Count);
        Assert.Equal(3, (await Gateway.AuditAsync("?subject=Budgets/p0@example.com")).Count);
        Assert.Empty(await Gateway.AuditAsync("?subject=%00"));
        Assert.Empty(await Gateway.AuditAsync("?subject=%25"));
    }

    [Theory]
    [InlineData("?limit=0")]
    [InlineData("?limit=1000")]
    [InlineData("?limit=x")]
    [InlineData("?before=x")]
    public async Task Wrong_questions_are_told(string query)
    {
        using var response = await Gateway.SendAsync(HttpMethod.Get, "/admin/audit" + query, Gateway.Token(SettingsClient.Admin));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (response.StatusCode, await response.CodeAsync()));
    }
}
