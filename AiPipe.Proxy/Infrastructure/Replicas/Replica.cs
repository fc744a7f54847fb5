namespace AiPipe.Proxy.Infrastructure.Replicas;

/// <summary>This process among the replicas: the name of its journal and of its reservations in shared counters.</summary>
/// <param name="Id">New at every start.</param>
internal sealed record Replica(Guid Id);
