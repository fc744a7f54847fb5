using System.Globalization;
using Microsoft.Extensions.Hosting;

namespace AiPipe.AppHost.Hosting;

/// <summary>Records the process of each resource when it starts.</summary>
internal sealed class ProcessRecorder(ResourceNotificationService notifications, EarlierRun record) : BackgroundService
{
    private const string PidProperty = "executable.pid";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            if (change.Snapshot.Properties.FirstOrDefault(property => property.Name == PidProperty)?.Value is { } value
                && int.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                record.Record(change.Resource.Name, pid);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        record.Forget();
    }
}
