namespace AiPipe.Proxy.Infrastructure.Redis;

/// <summary>How long commands to Redis may take.</summary>
internal sealed class RedisOptions
{
    /// <summary>The longest time that a script may take, with the connection to the server.</summary>
    public TimeSpan CommandTimeout { get; set; }
}
