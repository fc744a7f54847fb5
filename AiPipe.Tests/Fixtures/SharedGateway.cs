namespace AiPipe.Tests.Fixtures;

/// <summary>
/// One gateway for the tests of a class, started by the first of them. xUnit runs the tests of a class one after another.
/// </summary>
/// <param name="postgres">The server of its database.</param>
public sealed class SharedGateway(PostgresFixture postgres) : IAsyncDisposable
{
    private (string Database, Gateway Gateway)? _started;

    /// <summary>The gateway with a new user and a provider that has seen nothing.</summary>
    public async Task<(string Database, Gateway Gateway)> TakeAsync(Func<string, Task<Gateway>> startAsync)
    {
        if (_started is null)
        {
            var database = await postgres.NewOwnedDatabaseAsync();
            _started = (database, await startAsync(database));
        }
        _started.Value.Gateway.User = $"user-{Guid.CreateVersion7():N}@example.com";
        _started.Value.Gateway.Provider.Reset();
        return _started.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_started is not var (database, gateway)) return;
        await gateway.DisposeAsync();
        await postgres.DropDatabaseAsync(database);
    }
}
