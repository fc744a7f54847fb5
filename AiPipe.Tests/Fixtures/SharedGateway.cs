namespace AiPipe.Tests.Fixtures;

/// <summary>One gateway for the tests of a class, started by the first of them. xUnit runs the tests of a class one after another.</summary>
public sealed class SharedGateway : IAsyncDisposable
{
    private (string Database, Gateway Gateway)? _started;

    /// <summary>The gateway with a new user and a provider that has seen nothing.</summary>
    public async Task<(string Database, Gateway Gateway)> TakeAsync(Func<Task<(string Database, Gateway Gateway)>> startAsync)
    {
        _started ??= await startAsync();
        _started.Value.Gateway.User = $"user-{Guid.CreateVersion7():N}@example.com";
        _started.Value.Gateway.Provider.Reset();
        return _started.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_started is var (_, gateway)) await gateway.DisposeAsync();
    }
}
