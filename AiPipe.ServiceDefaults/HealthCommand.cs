using System.CommandLine;
using Microsoft.Extensions.Configuration;

namespace AiPipe.ServiceDefaults;

/// <summary>
/// The command <c>health</c>, which exits with 0 if the service is ready. Containers run it as their health check, because the images have
/// neither a shell nor curl.
/// </summary>
public static class HealthCommand
{
    /// <summary>Longer than <c>/health</c> takes to respond even while Postgres and Redis do not.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var address = AddressOption.Create(
            "The address of the service; by default the one that it listens on according to ASPNETCORE_URLS or ASPNETCORE_HTTP_PORTS.",
            static () => ListenAddress.FindLocal(new ConfigurationBuilder().AddEnvironmentVariables("ASPNETCORE_").Build()));
        var command = new Command(
            "health", "Exits with 0 if the service is ready. For health checks of containers, because the images have no curl.")
        {
            address,
        };
        command.SetAction((parsed, cancellationToken) =>
            CheckAsync(parsed.GetRequiredValue(address), parsed.InvocationConfiguration.Output, cancellationToken));
        return command;
    }

    private static async Task<int> CheckAsync(Uri address, TextWriter output, CancellationToken cancellationToken)
    {
        // An HTTP proxy in the environment is not for addresses of this machine.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        http.Timeout = Timeout;
        try
        {
            using var response = await http.GetAsync(new Uri(address, "/health"), cancellationToken);
            await output.WriteLineAsync(await response.Content.ReadAsStringAsync(cancellationToken));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
        {
            throw new TimeoutException($"{address} did not respond within {Timeout.TotalSeconds} seconds.", e);
        }
    }
}
