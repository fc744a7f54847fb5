using AiPipe.Proxy.Money;
using AiPipe.ServiceDefaults;

namespace AiPipe.Proxy.Calls.Telemetry;

internal static class ReservationMetrics
{
    private static long _count;
    private static long _amount;

    static ReservationMetrics()
    {
        AiPipeTelemetry.Meter.CreateObservableGauge(
            "aipipe.reservations", static () => Volatile.Read(ref _count), "{reservation}", "Reservations of calls in flight.");
        AiPipeTelemetry.Meter.CreateObservableGauge(
            "aipipe.reservations.amount", static () => Volatile.Read(ref _amount), "{pUSD}",
            "Money reserved for calls in flight, in pico-USD (10⁻¹² USD).");
    }

    public static void Reserved(PicoUsd amount)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _amount, amount.Value);
    }

    public static void Settled(PicoUsd amount)
    {
        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _amount, -amount.Value);
    }
}
