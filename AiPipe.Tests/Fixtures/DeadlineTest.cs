using AiPipe.Tests.Support;

namespace AiPipe.Tests.Fixtures;

/// <summary>
/// A test with a gateway whose routes of <see cref="Hurry"/> have their time over when the test says so. <see cref="Clock"/> is that of a
/// gateway of the test's own.
/// </summary>
/// <param name="postgres">The server of its database.</param>
/// <param name="shared">Where the tests of a class share one gateway.</param>
public abstract class DeadlineTest(PostgresFixture postgres, SharedGateway? shared = null) : GatewayTest(postgres, shared)
{
    /// <summary>Milliseconds.</summary>
    protected const int Hurry = 50_000;

    private protected TestClock Clock { get; } = new() { RungByHand = TimeSpan.FromMilliseconds(Hurry) };

    private protected override Task<Gateway> StartAsync() => Gateway.StartAsync(Database, Configure, Clock);
}
