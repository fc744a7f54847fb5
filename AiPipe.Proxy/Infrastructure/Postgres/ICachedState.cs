namespace AiPipe.Proxy.Infrastructure.Postgres;

/// <summary>State in Postgres that every replica caches: <see cref="StateRefresher"/> reads it again after a change.</summary>
internal interface ICachedState
{
    /// <summary>The name of its version (<see cref="StateVersions"/>).</summary>
    string StateName { get; }

    /// <summary>Reads the state from Postgres. Never called concurrently.</summary>
    Task ReadAsync(CancellationToken cancellationToken);
}
