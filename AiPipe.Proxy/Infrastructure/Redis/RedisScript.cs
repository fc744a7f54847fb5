using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Infrastructure.Redis;

/// <summary>A script that Redis runs as one step.</summary>
internal sealed class RedisScript(string text)
{
    public string Text { get; } = text;

    /// <summary>What Redis knows it by, once it has run.</summary>
    public byte[] Hash { get; } = Digest(text);

    // Not for safety: Redis names scripts so (https://redis.io/docs/latest/commands/evalsha/).
#pragma warning disable CA5350
    private static byte[] Digest(string text) => SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
}
