using System.Globalization;
using System.Text.RegularExpressions;

namespace AiPipe.AppHost.Hosting.Redis;

/// <summary>Chooses the program that runs as Redis without a container, by the setting <c>Redis:Program</c>.</summary>
internal static partial class RedisProgram
{
    public const string Setting = "Redis:Program";
    public const string Garnet = "garnet";
    private const string Redis = "redis-server";
    /// <summary>The counters' scripts use features of Redis 7 (docs/decisions/0009-counters-in-redis.md).</summary>
    private const int OldestMajor = 7;

    /// <summary>Chooses an installed <c>redis-server</c> of version 7 or newer, else Garnet.</summary>
    /// <param name="configured">The value of the setting, which selects one of the two.</param>
    /// <param name="program">The program whose version is checked.</param>
    /// <exception cref="CannotStartException">The setting has another value, or <c>redis-server</c> 7 is not installed.</exception>
    public static async Task<string> ChooseAsync(string? configured, CancellationToken cancellationToken, string program = Redis)
    {
        if (string.Equals(configured, Garnet, StringComparison.OrdinalIgnoreCase)) return Garnet;
        var isRequired = string.Equals(configured, Redis, StringComparison.OrdinalIgnoreCase);
        if (!isRequired && !string.IsNullOrWhiteSpace(configured))
            throw new CannotStartException($"{Setting} is {configured}. Use {Redis} or {Garnet}.");
        var version = await ExternalProgram.RunAsync(program, ["--version"], cancellationToken: cancellationToken);
        if (IsNewEnough(version)) return Redis;
        if (!isRequired) return Garnet;
        throw new CannotStartException($"{Setting} is {Redis}, but {Redis} {OldestMajor} or newer is not installed.");
    }

    private static bool IsNewEnough(ProgramResult version) =>
        version.Succeeded && MajorVersion().Match(version.Output) is { Success: true } match
        && int.Parse(match.Groups["major"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) >= OldestMajor;

    [GeneratedRegex(
        @"\bv=(?<major>[0-9]+)\.", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MajorVersion();
}
