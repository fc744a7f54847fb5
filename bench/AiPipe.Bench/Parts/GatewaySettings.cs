using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Bench.Parts;

/// <summary>AiPipe's settings for a run, and the tokens that open it.</summary>
internal static class GatewaySettings
{
    public const string Admin = "admin@example.com";
    public const string Model = "bench";

    /// <summary>USD per million tokens.</summary>
    public const decimal InputPrice = 1m;
    /// <summary>USD per million tokens.</summary>
    public const decimal OutputPrice = 2m;

    private static readonly string Secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(48));

    public static IEnumerable<string> Arguments(int port, int upstream, decimal budget) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"--urls=http://127.0.0.1:{port}"),
        $"--AiPipe:Admins:0={Admin}",
        string.Create(CultureInfo.InvariantCulture, $"--AiPipe:Budgets:*:Limit={budget}"), "--AiPipe:Budgets:*:Days=1",
        .. Provider("now", $"http://127.0.0.1:{upstream}"),
        .. Provider("slow", $"http://127.0.0.1:{upstream}/50ms"),
    ];

    public static Dictionary<string, string> Environment(string data, PostgresServer postgres, RedisServer? redis)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AIPIPE_SECRET"] = Secret,
            ["AIPIPE_DATA"] = data,
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ConnectionStrings__aipipe"] = postgres.ConnectionString,
        };
        if (redis is not null) environment["REDIS_ADDRESS"] = redis.Address;
        if (System.Environment.GetEnvironmentVariable("INLINE") == "1") environment[Inline.Variable] = "1";
        return environment;
    }

    /// <summary>An AI Pipe token: a JWT signed with HS256.</summary>
    public static string Token(string email)
    {
        var signed = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8) + "."
            + Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"email":"{{email}}"}"""));
        return signed + "." + Base64Url.EncodeToString(
            HMACSHA256.HashData(Encoding.ASCII.GetBytes(Secret), Encoding.ASCII.GetBytes(signed)));
    }

    private static string[] Provider(string name, string address) =>
    [
        $"--AiPipe:Providers:{name}:BaseUrl={address}",
        $"--AiPipe:Providers:{name}:Keys:0=key-of-{name}",
        string.Create(CultureInfo.InvariantCulture, $"--AiPipe:Prices:{name}:{Model}:Input={InputPrice}"),
        string.Create(CultureInfo.InvariantCulture, $"--AiPipe:Prices:{name}:{Model}:Output={OutputPrice}"),
    ];
}
