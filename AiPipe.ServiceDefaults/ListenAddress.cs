using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace AiPipe.ServiceDefaults;

/// <summary>
/// The addresses that a service listens on. They are checked before the start, because Kestrel does not name the setting of a wrong
/// address, and takes <c>localhost:80a</c> for a host name and listens on port 80 of all interfaces.
/// </summary>
public static class ListenAddress
{
    private static readonly Uri KestrelDefault = new("http://localhost:5000");

    /// <summary>Checks each entry of Kestrel's settings for addresses and ports.</summary>
    /// <exception cref="InvalidOperationException">An entry is not an address or a port; the message names the setting.</exception>
    internal static WebApplicationBuilder CheckListenAddress(this WebApplicationBuilder builder)
    {
        Check(builder.Configuration, WebHostDefaults.ServerUrlsKey, IsAddress, "an address: write it like http://localhost:8787");
        Check(builder.Configuration, WebHostDefaults.HttpPortsKey, IsPort, "a port: write it like 8080");
        Check(builder.Configuration, WebHostDefaults.HttpsPortsKey, IsPort, "a port: write it like 8443");
        return builder;
    }

    /// <summary>Finds the address at which a program on this machine reaches a service that listens on the given addresses.</summary>
    /// <returns>The first http address, otherwise the first address; <c>null</c> if there is none.</returns>
    public static string? FindLocal(IReadOnlyCollection<string> addresses) =>
        // A client cannot connect to a wildcard address, so the loopback address replaces it.
        (addresses.FirstOrDefault(static address => address.StartsWith("http:", StringComparison.Ordinal)) ?? addresses.FirstOrDefault())
            ?.Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal).Replace("//[::]", "//[::1]", StringComparison.Ordinal)
            .Replace("//+", "//127.0.0.1", StringComparison.Ordinal).Replace("//*", "//127.0.0.1", StringComparison.Ordinal);

    /// <summary>Finds the address at which a program on this machine reaches a service with this configuration.</summary>
    /// <returns>The address; Kestrel's default if none is configured.</returns>
    internal static Uri FindLocal(IConfiguration configuration)
    {
        var urls = Entries(configuration, WebHostDefaults.ServerUrlsKey);
        if (urls.Length == 0) urls = [.. Entries(configuration, WebHostDefaults.HttpPortsKey).Select(static port => $"http://*:{port}")];
        return Uri.TryCreate(FindLocal(urls), UriKind.Absolute, out var local) ? local : KestrelDefault;
    }

    private static void Check(IConfiguration configuration, string key, Predicate<string> isRight, string expected)
    {
        if (Array.Find(Entries(configuration, key), entry => !isRight(entry)) is { } wrong)
            throw new InvalidOperationException($"--{key} or ASPNETCORE_{key.ToUpperInvariant()} names {wrong}, which is not {expected}.");
    }

    private static string[] Entries(IConfiguration configuration, string key) =>
        (configuration[key] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Port: >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort, Scheme: "http" or "https" } address
                && (address.IsUnixPipe || address.IsNamedPipe || IsHost(address.Host));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool IsHost(string host) => host.StartsWith('[') || !host.Contains(':', StringComparison.Ordinal);

    private static bool IsPort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
