using AiPipe.Tests.Support;

namespace AiPipe.Tests.Fixtures;

/// <summary>A test with a gateway of its own, whose routes of <see cref="Hurry"/> have their time over when the test says so.</summary>
public abstract class DeadlineTest(PostgresFixture postgres) : GatewayTest(postgres)
{
    /// <summary>Milliseconds.</summary>
    protected const int Hurry = 50_000;

    private protected TestClock Clock { get; } = new() { RungByHand = TimeSpan.FromMilliseconds(Hurry) };

    private protected override Task<Gateway> StartAsync() => Gateway.StartAsync(Database, Configure, Clock);
}
