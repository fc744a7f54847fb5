namespace AiPipe.Proxy.Infrastructure.Replicas;

/// <summary>How replicas watch each other.</summary>
internal sealed class ReplicaOptions
{
    /// <summary>A replica without a heartbeat for this long is dead.</summary>
    public TimeSpan Timeout { get; set; }
}
