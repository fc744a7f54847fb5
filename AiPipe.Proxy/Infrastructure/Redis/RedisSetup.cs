using AiPipe.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Infrastructure.Redis;

internal static class RedisSetup
{
    private const string Name = "redis";
    private const string Address = "REDIS_ADDRESS";

    /// <summary>Registers <see cref="RedisServer"/> if <c>ConnectionStrings:redis</c> or <c>REDIS_ADDRESS</c> is set.</summary>
    public static bool TryAddRedis(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(RedisServer))) return true;
        if (string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(Name)))
        {
            if (builder.Configuration[Address] is not { Length: > 0 } address) return false;
            builder.Configuration[$"ConnectionStrings:{Name}"] = ConnectionString(address);
        }
        builder.AddRedis(Name);
        builder.Services.AddSingleton<RedisServer>().AddHostedService(services => services.GetRequiredService<RedisServer>());
        return true;
    }

    /// <summary>Converts <c>redis://user:password@host:6379/0</c> or <c>host:6379</c> for StackExchange.Redis.</summary>
    internal static string ConnectionString(string address)
    {
        if (!address.Contains("://", StringComparison.Ordinal)) return address;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0)
            throw new OptionsValidationException(
                Address, typeof(string), [$"{Address} is not the address of a Redis server: write it like redis://localhost:6379."]);
        List<string> parts = [$"{uri.Host}:{(uri.Port > 0 ? uri.Port : 6379)}"];
        var (user, password) = uri.UserInfo.Split(':', 2) is [var name, var secret] ? (name, secret) : ("", uri.UserInfo);
        if (user.Length > 0) parts.Add($"user={Uri.UnescapeDataString(user)}");
        if (password.Length > 0) parts.Add($"password={Uri.UnescapeDataString(password)}");
        if (uri.AbsolutePath.Trim('/') is { Length: > 0 } database) parts.Add($"defaultDatabase={database}");
        if (uri.Scheme == "rediss") parts.Add("ssl=true");
        return string.Join(',', parts);
    }
}
