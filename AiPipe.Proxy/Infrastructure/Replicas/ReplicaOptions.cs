namespace AiPipe.Proxy.Infrastructure.Replicas;

internal sealed class ReplicaOptions
{
    /// <summary>A replica without a heartbeat for this long is dead.</summary>
    public TimeSpan Timeout { get; set; }
}
