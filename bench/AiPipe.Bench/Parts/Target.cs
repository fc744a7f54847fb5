namespace AiPipe.Bench.Parts;

/// <summary>What load is sent to: the upstream itself, nginx or AiPipe before it.</summary>
internal abstract class Target : IAsyncDisposable
{
    public abstract string Name { get; }

    /// <summary>One of each replica; load is spread over them evenly.</summary>
    public abstract IReadOnlyList<int> Ports { get; }

    /// <summary>CPU seconds that it has used so far, without its database.</summary>
    public abstract double Cpu { get; }
    /// <summary>CPU seconds of its Postgres.</summary>
    public virtual double PostgresCpu => 0;
    /// <summary>Resident memory in MB, without its database.</summary>
    public abstract double Memory { get; }

    /// <summary>Waits until nothing is left to do of what it was sent.</summary>
    public virtual Task SettledAsync() => Task.CompletedTask;

    public abstract ValueTask DisposeAsync();
}
