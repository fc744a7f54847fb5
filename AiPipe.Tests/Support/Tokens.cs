using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Tests.Support;

/// <summary>AI Pipe tokens as the original made them, independent of the code under test.</summary>
internal static class Tokens
{
    /// <summary>A token of a user without a salt, signed with HS256.</summary>
    public static string Sign(string email, string secret)
    {
        var content = $"{Encode("""{"alg":"HS256"}""")}.{Encode($$"""{"email":"{{email}}"}""")}";
        return $"{content}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(content)))}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
