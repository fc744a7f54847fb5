using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Telemetry;

/// <summary>A user's name for traces: the same person is always the same text, but the text does not say who.</summary>
internal static class HashedUser
{
    private const int Length = 16;

    public static string Of(string email) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(email)))[..Length];
}
