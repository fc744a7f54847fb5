using Microsoft.Extensions.Configuration;

namespace AiPipe.ServiceDefaults;

/// <summary>
/// Finds the address of another service of AiPipe: in a dedicated setting, otherwise in service discovery
/// (<c>services:NAME:http:0</c>, <c>services__NAME__http__0</c> in the environment).
/// </summary>
public static class ServiceAddress
{
    /// <summary>Finds a service.</summary>
    /// <param name="configuration">The configuration with the settings.</param>
    /// <param name="name">The service's name in service discovery.</param>
    /// <param name="setting">The dedicated setting, which takes precedence.</param>
    /// <returns>An http(s) address, or a name that service discovery resolves; <c>null</c> if neither is configured.</returns>
    /// <exception cref="InvalidOperationException">An address is malformed; the message names its setting.</exception>
    public static string? FindService(this IConfiguration configuration, string name, string setting)
    {
        if (configuration[setting] is { Length: > 0 } address) return IsAddress(address) ? address : throw Wrong(setting, name);
        var endpoints = configuration.GetSection($"services:{name}").GetChildren().SelectMany(static scheme => scheme.GetChildren())
            .Where(static endpoint => !string.IsNullOrWhiteSpace(endpoint.Value)).ToList();
        if (endpoints.Find(static found => !IsEndpoint(found.Value!)) is { } wrong) throw Wrong(wrong.Path, name);
        return endpoints.Count > 0 ? $"https+http://{name}" : null;
    }

    /// <summary>Finds a service that this one requires.</summary>
    /// <inheritdoc cref="FindService"/>
    /// <exception cref="InvalidOperationException">An address is missing or malformed; the message names its setting.</exception>
    public static string RequireService(this IConfiguration configuration, string name, string setting) =>
        configuration.FindService(name, setting) ?? throw new InvalidOperationException(
            $"services:{name}:http:0 is missing. Set services__{name}__http__0 to the address of the {name}: {Example(name)}");

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https" or "https+http", Host.Length: > 0 };

    // Service discovery also accepts host:port, and ignores everything after the port.
    private static bool IsEndpoint(string text) =>
        Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}", UriKind.Absolute, out var uri)
        && uri is { Scheme: "http" or "https", Host.Length: > 0, UserInfo.Length: 0, PathAndQuery: "/" };

    // The value is not repeated: it may contain a password.
    private static InvalidOperationException Wrong(string setting, string name) =>
        new($"{setting} is not an http(s) address. Write it like {Example(name)}");

    private static string Example(string name) => $"http://{name}:8080";
}
