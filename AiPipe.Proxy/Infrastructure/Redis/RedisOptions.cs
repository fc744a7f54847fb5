namespace AiPipe.Proxy.Infrastructure.Redis;

internal sealed class RedisOptions
{
    /// <summary>The timeout of a script, connecting included.</summary>
    public TimeSpan CommandTimeout { get; set; }
}
