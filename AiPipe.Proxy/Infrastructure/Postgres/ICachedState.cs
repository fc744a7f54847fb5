namespace AiPipe.Proxy.Infrastructure.Postgres;

/// <summary>A part of what Postgres holds that every replica keeps in memory: <see cref="StateRefresher"/> has it read when it changed.</summary>
internal interface ICachedState
{
    /// <summary>What <see cref="Changes.ChangeAsync"/> calls it.</summary>
    string Part { get; }

    /// <summary>Reads it from Postgres. Is never asked twice at once.</summary>
    Task ReadAsync(CancellationToken cancellationToken);
}
