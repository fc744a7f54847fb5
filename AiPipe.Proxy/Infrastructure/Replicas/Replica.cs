namespace AiPipe.Proxy.Infrastructure.Replicas;

/// <summary>This process among those that serve the same users: the name of its journal, and of what it holds in shared counters.</summary>
/// <param name="Id">New at every start.</param>
internal sealed record Replica(Guid Id);
