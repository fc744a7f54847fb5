namespace AiPipe.Tests.Fixtures;

/// <summary>Two replicas on one database, whose server is the test's own and may go away.</summary>
public abstract class TwoReplicasTest : IAsyncLifetime
{
    private protected PostgresServer Server { get; } = new();
    private protected string Database { get; private set; } = "";
    private protected Gateway Here { get; private set; } = null!;
    private protected Gateway There { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Server.StartAsync();
        Database = await Server.NewDatabaseAsync();
        Here = await Gateway.StartAsync(Database);
        There = await Gateway.StartAsync(Database);
    }

    public async ValueTask DisposeAsync()
    {
        await Here.DisposeAsync();
        await There.DisposeAsync();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
