namespace AiPipe.Proxy.Infrastructure.Postgres;

/// <summary>State in Postgres that every replica caches: <see cref="StateRefresher"/> reads it again after a change.</summary>
internal interface ICachedState
{
    string Part { get; }

    /// <summary>Reads the state from Postgres. Never called concurrently.</summary>
    Task ReadAsync(CancellationToken cancellationToken);
}
