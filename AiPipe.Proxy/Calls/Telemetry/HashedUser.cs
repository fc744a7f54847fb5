using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Calls.Telemetry;

/// <summary>The pseudonym of a user in traces: the same for all calls, and without the e-mail address.</summary>
internal static class HashedUser
{
    private const int Length = 16;

    public static string FromEmail(string email) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(email)))[..Length];
}
