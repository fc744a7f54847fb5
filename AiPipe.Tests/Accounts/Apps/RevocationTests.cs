using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Accounts.Apps;

/// <summary>What is revoked on one replica, seen from another.</summary>
public sealed class RevocationTests : TwoReplicasTest
{
    [Fact]
    public async Task Other_replicas_follow_within_seconds_and_new_ones_know_it_from_the_start()
    {
        var (kept, revoked) = (await GrantAsync(), await GrantAsync());
        Assert.Null(await There.CallAsync(revoked.Token));
        await RevokeAsync(revoked.Id);

        Assert.Equal("token_revoked", await Here.CallAsync(revoked.Token));
        await Eventually.TrueAsync(
            async () => await There.CallAsync(revoked.Token) == "token_revoked", "the revocation on the other replica");
        Assert.Null(await There.CallAsync(kept.Token));
        await using var late = await Gateway.StartAsync(Database);
        Assert.Equal("token_revoked", await late.CallAsync(revoked.Token));
        Assert.Null(await late.CallAsync(kept.Token));
    }

    [Fact]
    public async Task Without_postgres_a_replica_goes_on_with_what_it_knows_says_so_once_and_catches_up()
    {
        var (known, later) = (await GrantAsync(), await GrantAsync());
        Assert.Null(await There.CallAsync(later.Token));
        await RevokeAsync(known.Id);
        await Eventually.TrueAsync(async () => await There.CallAsync(known.Token) == "token_revoked", "the first revocation");

        await Server.StopAsync();
        await Eventually.TrueAsync(() => Told(There, "Cannot poll Postgres for changes of other replicas") == 1, "the log line");
        Assert.Equal("token_revoked", await There.CallAsync(known.Token));
        Assert.Null(await There.CallAsync(later.Token));

        await Server.StartAsync();
        await Eventually.TrueAsync(() => Told(There, "Polling Postgres for changes of other replicas again") == 1, "the second log line");
        Assert.Equal(1, Told(There, "Cannot poll Postgres for changes of other replicas"));
        await RevokeAsync(later.Id);
        await Eventually.TrueAsync(async () => await There.CallAsync(later.Token) == "token_revoked", "the second revocation");
    }

    [Fact]
    public async Task Without_postgres_grants_are_refused_soon()
    {
        await Server.PauseAsync();
        try
        {
            using var response = await Here.SendAsync(HttpMethod.Post, "/grants", Here.Token(), new { redirect = AppClient.Redirect })
                .WaitAsync(Eventually.Limit);
            Assert.Equal("ledger_unavailable", await response.CodeAsync());
        }
        finally
        {
            await Server.ResumeAsync();
        }
    }

    private async Task<(string Id, string Token)> GrantAsync()
    {
        var granted = await Here.GrantAsync(new { redirect = AppClient.Redirect });
        return (granted.Text("id"), granted.Text("token"));
    }

    private async Task RevokeAsync(string id)
    {
        using var response = await Here.SendAsync(HttpMethod.Delete, $"/grants/{id}", Here.Token());
        Assert.True(response.IsSuccessStatusCode);
    }

    private static int Told(Gateway gateway, string text) =>
        gateway.Logs.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));
}
