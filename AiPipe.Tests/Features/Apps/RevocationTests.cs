using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Features.Apps;

/// <summary>What is revoked on one replica, seen from another.</summary>
public sealed class RevocationTests : IAsyncLifetime
{
    /// <summary>Fifteen seconds of patience, what Npgsql takes to let go, and a busy machine; EF's own retries take longer.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(40);

    private readonly PostgresServer _server = new();
    private string _database = "";
    private Gateway _here = null!;
    private Gateway _there = null!;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        _database = await _server.NewDatabaseAsync();
        _here = await Gateway.StartAsync(_database);
        _there = await Gateway.StartAsync(_database);
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Other_replicas_follow_within_seconds_and_new_ones_know_it_from_the_start()
    {
        var (kept, revoked) = (await GrantAsync(), await GrantAsync());
        Assert.Null(await _there.CallAsync(revoked.Token));
        await RevokeAsync(revoked.Id);

        Assert.Equal("token_revoked", await _here.CallAsync(revoked.Token));
        await Eventually.TrueAsync(async () => await _there.CallAsync(revoked.Token) == "token_revoked", "the revocation on the other replica");
        Assert.Null(await _there.CallAsync(kept.Token));
        await using var late = await Gateway.StartAsync(_database);
        Assert.Equal("token_revoked", await late.CallAsync(revoked.Token));
        Assert.Null(await late.CallAsync(kept.Token));
    }

    [Fact]
    public async Task Without_postgres_a_replica_goes_on_with_what_it_knows_says_so_once_and_catches_up()
    {
        var (known, later) = (await GrantAsync(), await GrantAsync());
        Assert.Null(await _there.CallAsync(later.Token));
        await RevokeAsync(known.Id);
        await Eventually.TrueAsync(async () => await _there.CallAsync(known.Token) == "token_revoked", "the first revocation");

        await _server.StopAsync();
        await Eventually.TrueAsync(() => Told(_there, "What is changed elsewhere is not seen") == 1, "the log line");
        Assert.Equal("token_revoked", await _there.CallAsync(known.Token));
        Assert.Null(await _there.CallAsync(later.Token));

        await _server.StartAsync();
        await Eventually.TrueAsync(() => Told(_there, "What is changed elsewhere is seen again") == 1, "the second log line");
        Assert.Equal(1, Told(_there, "What is changed elsewhere is not seen"));
        await RevokeAsync(later.Id);
        await Eventually.TrueAsync(async () => await _there.CallAsync(later.Token) == "token_revoked", "the second revocation");
    }

    [Fact]
    public async Task Without_postgres_grants_are_refused_soon()
    {
        await _server.PauseAsync();
        try
        {
            using var response = await _here.SendAsync(HttpMethod.Post, "/grants", _here.Token(), new { redirect = AppClient.Redirect }).WaitAsync(Soon);
            Assert.Equal("ledger_unavailable", await response.CodeAsync());
        }
        finally
        {
            await _server.ResumeAsync();
        }
    }

    private async Task<(string Id, string Token)> GrantAsync()
    {
        var granted = await _here.GrantAsync(new { redirect = AppClient.Redirect });
        return (granted.Text("id"), granted.Text("token"));
    }

    private async Task RevokeAsync(string id)
    {
        using var response = await _here.SendAsync(HttpMethod.Delete, $"/grants/{id}", _here.Token());
        Assert.True(response.IsSuccessStatusCode);
    }

    private static int Told(Gateway gateway, string text) => gateway.Logs.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));
}
