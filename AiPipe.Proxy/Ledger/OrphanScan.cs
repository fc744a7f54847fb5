namespace AiPipe.Proxy.Ledger;

/// <summary>
/// Looks for journals of dead processes as long as this one lives: those of a neighbour on the same disk that was killed, and those
/// that the start could not bring to Postgres.
/// </summary>
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
