namespace AiPipe.Tests.Fixtures;

/// <summary>
/// Two gateways on one database for the tests of a class, which xUnit runs one after another. The first of them starts both.
/// </summary>
/// <param name="postgres">The server of their database.</param>
public sealed class SharedPair(PostgresFixture postgres) : IAsyncDisposable
{
    private (Gateway Here, Gateway There)? _started;

    /// <summary>Its connection string.</summary>
    public string Database { get; private set; } = "";

    /// <summary>The gateways with a new user and providers that have seen nothing.</summary>
    public async Task<(Gateway Here, Gateway There)> TakeAsync(Action<Dictionary<string, string?>> configure)
    {
        if (_started is null)
        {
            Database = await postgres.NewOwnedDatabaseAsync();
            _started = (await Gateway.StartAsync(Database, configure), await Gateway.StartAsync(Database, configure));
        }
        var (here, there) = _started.Value;
        here.User = there.User = $"user-{Guid.CreateVersion7():N}@example.com";
        here.Provider.Reset();
        there.Provider.Reset();
        return (here, there);
    }

    public async ValueTask DisposeAsync()
    {
        if (_started is not var (here, there)) return;
        await here.DisposeAsync();
        await there.DisposeAsync();
        await postgres.DropDatabaseAsync(Database);
    }
}
