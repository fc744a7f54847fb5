using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiPipe.AppHost.Hosting;

/// <summary>Prints addresses and first steps when the proxy is ready, and the reason if a service cannot start.</summary>
internal sealed partial class FirstSteps(
    DistributedApplicationModel model, ResourceNotificationService notifications, ResourceLoggerService logs, IServiceProvider services,
    IConfiguration configuration, ILogger<FirstSteps> logger) : BackgroundService
{
    private const string Failure = "AiPipe cannot start:";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var projects = model.Resources.OfType<ProjectResource>().ToArray();
        if (projects.FirstOrDefault(project => project.Name == "proxy") is not { } proxy) return;
        foreach (var project in projects) _ = ReportFailureAsync(project, stoppingToken);
        await notifications.WaitForResourceHealthyAsync(proxy.Name, stoppingToken);
        var welcome = await ProxyCommands.RunAsync(proxy, services, ["welcome"], stoppingToken);
        if (!welcome.Succeeded) Log.NoWelcome(logger, welcome.LastLine);
        var text = new StringBuilder().AppendLine();
        if (configuration["AIPIPE_DATA"] is { Length: > 0 } folder) text.AppendLine($"  Data        {folder}");
        if (DashboardAddress() is { } dashboard) text.AppendLine($"  Dashboard   {dashboard}");
        await Console.Out.WriteLineAsync(text.Append(welcome.Output), stoppingToken);
    }

    // A service logs in one line why it cannot start. The console repeats that line, because the log itself is only in the dashboard.
    private async Task ReportFailureAsync(ProjectResource project, CancellationToken cancellationToken)
    {
        var reported = false;
        await foreach (var batch in logs.WatchAsync(project).WithCancellation(cancellationToken))
        {
            if (reported || batch.FirstOrDefault(line => line.Content.Contains(Failure, StringComparison.Ordinal)) is not { Content: { } content }) continue;
            reported = true;
            Log.ServiceFailed(logger, project.Name, content[content.IndexOf(Failure, StringComparison.Ordinal)..]);
        }
    }

    private string? DashboardAddress()
    {
        var url = configuration["ASPNETCORE_URLS"]?.Split(';')[0];
        // With port 0 the system chooses the port, and Aspire prints the address.
        return string.IsNullOrEmpty(url) || url.EndsWith(":0", StringComparison.Ordinal) ? null : $"{url}/login?t={configuration["AppHost:BrowserToken"]}";
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot print the first steps ({Reason}); AiPipe runs without them")]
        public static partial void NoWelcome(ILogger logger, string reason);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Service}: {Reason}")]
        public static partial void ServiceFailed(ILogger logger, string service, string reason);
    }
}
