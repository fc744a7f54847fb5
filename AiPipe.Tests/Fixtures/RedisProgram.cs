using System.Reflection;

namespace AiPipe.Tests.Fixtures;

/// <summary>A program that speaks Redis's protocol.</summary>
/// <param name="File">The program to start.</param>
/// <param name="Arguments">Its command line, without the port.</param>
public sealed record RedisProgram(string File, params string[] Arguments)
{
    public static RedisProgram Redis { get; } = new(
        "redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction");

    /// <summary>The version that the AppHost starts, from the package cache. Scripts are atomic only in its transaction mode.</summary>
    public static RedisProgram Garnet { get; } = new(
        "dotnet",
        typeof(RedisProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == nameof(Garnet)).Value!,
        "--bind", "127.0.0.1", "--lua", "--lua-transaction-mode", "--memory", "64m", "--index", "16m");

    public static bool IsRedisInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => System.IO.File.Exists(Path.Combine(folder, "redis-server")));
}
