namespace AiPipe.Proxy.Ledger;

/// <summary>Replays journals of processes that die later, and those that the start could not write to Postgres.</summary>
internal sealed class OrphanScan(JournalReplay replay, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Pause, clock, stoppingToken);
            await replay.RunAsync(stoppingToken);
        }
    }
}
