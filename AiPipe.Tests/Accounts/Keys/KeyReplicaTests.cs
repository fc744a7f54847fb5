using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Accounts.Keys;

/// <summary>Two replicas on one database.</summary>
public sealed class KeyReplicaTests(PostgresFixture postgres) : IAsyncLifetime
{
    private string _database = "";
    private Gateway _here = null!;
    private Gateway _there = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.NewDatabaseAsync();
        _here = await Gateway.StartAsync(_database);
        _there = await Gateway.StartAsync(_database);
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
    }

    [Fact]
    public async Task Others_follow_within_seconds_and_new_ones_know_it_from_the_start()
    {
        var (kept, deleted, reset) =
            (await _here.MakeKeyAsync(new { name = "kept" }), await _here.MakeKeyAsync(new { name = "deleted" }),
            await _here.MakeKeyAsync(new { name = "reset" }));
        await Eventually.TrueAsync(async () => await _there.CallAsync(reset.Text("key")) is null, "the keys on the other replica");
        Assert.Null(await _there.CallAsync(deleted.Text("key")));

        using (var gone = await _here.SendAsync(HttpMethod.Delete, $"/keys/{deleted.Text("id")}", _here.Token())) Assert.True(
            gone.IsSuccessStatusCode);
        using var renewed = await _there.SendAsync(HttpMethod.Post, $"/keys/{reset.Text("id")}/reset", _there.Token());
        var text = (await renewed.JsonAsync()).Text("key");
        Assert.Equal("token_invalid", await _here.CallAsync(deleted.Text("key")));
        Assert.Equal("token_invalid", await _there.CallAsync(reset.Text("key")));
        Assert.Null(await _there.CallAsync(text));
        await Eventually.TrueAsync(
            async () => await _there.CallAsync(deleted.Text("key")) == "token_invalid", "the deletion on the other replica");
        await Eventually.TrueAsync(
            async () => await _here.CallAsync(text) is null && await _here.CallAsync(reset.Text("key")) == "token_invalid",
            "the new text on this one");

        await using var late = await Gateway.StartAsync(_database);
        Assert.Equal("token_invalid", await late.CallAsync(deleted.Text("key")));
        Assert.Equal("token_invalid", await late.CallAsync(reset.Text("key")));
        Assert.Null(await late.CallAsync(text));
        Assert.Null(await late.CallAsync(kept.Text("key")));
    }

    [Fact]
    public async Task However_many_ask_at_once_nobody_has_more_than_fifty_living_keys()
    {
        for (var i = 0; i < 48; i++) await _here.MakeKeyAsync(new { name = $"key {i}" });
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8)
            .Select(i => (i % 2 == 0 ? _here : _there).SendAsync(HttpMethod.Post, "/keys", _here.Token(), new { name = "late" })));

        Assert.Equal(2, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        foreach (var refused in answers.Where(answer => !answer.IsSuccessStatusCode))
            Assert.Equal((HttpStatusCode.Conflict, "too_many_keys"), (refused.StatusCode, await refused.CodeAsync()));
        var keys = (await _there.GetJsonAsync("/keys")).GetProperty("keys");
        Assert.Equal(50, keys.GetArrayLength());

        using var deleted = await _there.SendAsync(HttpMethod.Delete, $"/keys/{keys[0].Text("id")}", _there.Token());
        Assert.Null(await _there.CallAsync((await _there.MakeKeyAsync(new { name = "again" })).Text("key")));
    }
}
