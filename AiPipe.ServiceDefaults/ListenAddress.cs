using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AiPipe.ServiceDefaults;

/// <summary>Checks the addresses to listen on before anything starts. Kestrel would reject them without the name of the setting.</summary>
internal static class ListenAddress
{
    /// <summary>Checks each entry of the list.</summary>
    /// <exception cref="InvalidOperationException">An entry of <c>--urls</c> or <c>ASPNETCORE_URLS</c> is not an address.</exception>
    public static WebApplicationBuilder CheckListenAddress(this WebApplicationBuilder builder)
    {
        var urls = (builder.Configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (Array.Find(urls, static url => !IsAddress(url)) is { } wrong)
        {
            throw new InvalidOperationException(
                $"--urls or ASPNETCORE_URLS names {wrong}, which is not an address: write it like http://localhost:8787.");
        }
        return builder;
    }

    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Port: >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort, Scheme: "http" or "https" };
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
