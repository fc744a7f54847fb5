using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiPipe.AppHost.Hosting;

/// <summary>Prints addresses and first steps when the proxy is ready.</summary>
internal sealed partial class FirstSteps(
    DistributedApplicationModel model, ResourceNotificationService notifications, IServiceProvider services, IConfiguration configuration,
    ILogger<FirstSteps> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (model.Resources.OfType<ProjectResource>().FirstOrDefault(static project => project.Name == "proxy") is not { } proxy) return;
        await notifications.WaitForResourceHealthyAsync(proxy.Name, stoppingToken);
        var welcome = await ProxyCommands.RunAsync(proxy, services, ["welcome"], stoppingToken);
        if (!welcome.Succeeded) Log.NoWelcome(logger, welcome.LastLine);
        var text = new StringBuilder().AppendLine();
        if (configuration["AIPIPE_DATA"] is { Length: > 0 } folder) text.AppendLine($"  Data        {folder}");
        if (DashboardAddress() is { } dashboard) text.AppendLine($"  Dashboard   {dashboard}");
        await Console.Out.WriteLineAsync(text.Append(welcome.Output), stoppingToken);
    }

    private string? DashboardAddress()
    {
        var url = configuration["ASPNETCORE_URLS"]?.Split(';')[0];
        // With port 0 the system chooses the port, and Aspire prints the address.
        if (string.IsNullOrEmpty(url) || url.EndsWith(":0", StringComparison.Ordinal)) return null;
        return $"{url}/login?t={configuration["AppHost:BrowserToken"]}";
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot print the first steps ({Reason}); AiPipe runs without them")]
        public static partial void NoWelcome(ILogger logger, string reason);
    }
}
