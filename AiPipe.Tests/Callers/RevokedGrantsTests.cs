using AiPipe.Proxy.Callers;

namespace AiPipe.Tests.Callers;

public sealed class RevokedGrantsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly RevokedGrants _revoked = new();

    [Fact]
    public void Grant_is_known_from_when_it_is_added_until_its_tokens_have_expired()
    {
        var (early, late) = (Guid.NewGuid(), Guid.NewGuid());
        _revoked.Add([new(early, Now.AddDays(1))], Now);
        Assert.True(_revoked.Contains(early));
        Assert.False(_revoked.Contains(late));

        _revoked.Add([new(late, Now.AddDays(3)), new(early, Now.AddDays(1))], Now);
        Assert.Equal(2, _revoked.Count);
        _revoked.Add([new(Guid.NewGuid(), Now.AddDays(3))], Now.AddDays(2));
        Assert.Equal((2, false, true), (_revoked.Count, _revoked.Contains(early), _revoked.Contains(late)));
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_add_at_once()
    {
        var grants = Enumerable.Range(0, 500).Select(_ => new RevokedGrant(Guid.NewGuid(), Now.AddDays(1))).ToList();
        await Parallel.ForEachAsync(grants, async (grant, _) =>
        {
            await Task.Yield();
            _revoked.Add([grant], Now);
        });
        Assert.All(grants, grant => Assert.True(_revoked.Contains(grant.Id)));
    }
}
