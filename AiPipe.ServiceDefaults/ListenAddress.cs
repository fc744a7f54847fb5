using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace AiPipe.ServiceDefaults;

/// <summary>
/// Checks the addresses to listen on before anything starts. Kestrel would reject them without the name of the setting, or take
/// <c>localhost:80a</c> for the name of a host and listen on port 80 of every interface.
/// </summary>
internal static class ListenAddress
{
    /// <summary>Checks each entry of the settings that Kestrel listens by.</summary>
    /// <exception cref="InvalidOperationException">An entry is not an address or a port; the message names the setting.</exception>
    public static WebApplicationBuilder CheckListenAddress(this WebApplicationBuilder builder)
    {
        Check(builder.Configuration, WebHostDefaults.ServerUrlsKey, IsAddress, "an address: write it like http://localhost:8787");
        Check(builder.Configuration, WebHostDefaults.HttpPortsKey, IsPort, "a port: write it like 8080");
        Check(builder.Configuration, WebHostDefaults.HttpsPortsKey, IsPort, "a port: write it like 8443");
        return builder;
    }

    private static void Check(IConfiguration configuration, string key, Predicate<string> isRight, string expected)
    {
        var entries = (configuration[key] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (Array.Find(entries, entry => !isRight(entry)) is { } wrong)
            throw new InvalidOperationException($"--{key} or ASPNETCORE_{key.ToUpperInvariant()} names {wrong}, which is not {expected}.");
    }

    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Port: >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort, Scheme: "http" or "https" } address
                && (address.IsUnixPipe || address.IsNamedPipe || address.Host.StartsWith('[') || !address.Host.Contains(':', StringComparison.Ordinal));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool IsPort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
