using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Infrastructure.Redis;

/// <summary>A script that Redis runs atomically.</summary>
internal sealed class RedisScript(string text)
{
    public string Text { get; } = text;

    /// <summary>The SHA-1 by which Redis names a loaded script.</summary>
    public byte[] Hash { get; } = Digest(text);

    // Not for security: Redis names scripts by SHA-1 (https://redis.io/docs/latest/commands/evalsha/).
#pragma warning disable CA5350
    private static byte[] Digest(string text) => SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
}
