using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Telemetry;

/// <summary>A user's pseudonym in traces: the same for all calls of a user, without the e-mail address.</summary>
internal static class HashedUser
{
    private const int Length = 16;

    public static string FromEmail(string email) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(email)))[..Length];
}
