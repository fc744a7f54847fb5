using System.Diagnostics.Metrics;

namespace AiPipe.Proxy.Telemetry;

/// <summary>What an operator wants to be woken for.</summary>
internal static class LedgerTelemetry
{
    private static readonly Counter<long> Lost = AiPipeTelemetry.Meter.CreateCounter<long>(
        "aipipe.ledger.unattributed", "{entry}", "Calls booked from the counters, because the replica that took them is gone with its journal.");

    /// <summary>A call was booked from what the counters had for it.</summary>
    /// <param name="settled">The call had ended; else it was in flight.</param>
    public static void Unattributed(bool settled) => Lost.Add(1, new KeyValuePair<string, object?>("aipipe.call.settled", settled));
}
