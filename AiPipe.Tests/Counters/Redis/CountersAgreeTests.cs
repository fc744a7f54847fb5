using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace AiPipe.Tests.Counters.Redis;

/// <summary>
/// The same random life for the counter in memory and for two replicas that count in Redis: calls, ends, corrections, days that pass,
/// wiped servers, forgotten scripts, replicas that die. They say the same to the last pico-USD, and never let more out than there is.
/// </summary>
public abstract class SharedCountersAgreeTests(PostgresFixture postgres, RedisFixture redis)
{
    private const int Lives = 25;
    private const int Steps = 80;

    [Fact]
    public async Task Counters_agree_and_never_overshoot()
    {
        await using var world = await TwinCounters.StartAsync(postgres, redis);
        var number = Gen.Choose(0, ushort.MaxValue);
        var step = from what in Gen.Choose(0, 63) from a in number from b in number from c in number select new Step(what, a, b, c);
        var life = step.ArrayOf().ToArbitrary();
        Fresh.Check(
            Config.QuickThrowOnFailure.WithMaxTest(Lives).WithStartSize(Steps / 4).WithEndSize(Steps),
            Prop.ForAll(life, steps => world.LiveAsync(steps).GetAwaiter().GetResult()),
            () => world.Accepted > 50 && world.Refused > 5 && world.Crashes > 0 && world.Wipes > 0, world.ToString);
    }

    /// <summary>One step: what, and numbers to choose by.</summary>
    public readonly record struct Step(int What, int A, int B, int C);
}

/// <summary>On <c>redis-server</c>.</summary>
public sealed class CountersAgreeTests(PostgresFixture postgres, RedisFixture redis) : SharedCountersAgreeTests(postgres, redis),
    IClassFixture<RedisFixture>;

/// <summary>On Garnet.</summary>
public sealed class GarnetCountersAgreeTests(PostgresFixture postgres, GarnetFixture redis) : SharedCountersAgreeTests(postgres, redis),
    IClassFixture<GarnetFixture>;
