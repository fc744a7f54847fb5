using System.Diagnostics.Metrics;
using AiPipe.Proxy.Counters.Redis;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Ledger;
using AiPipe.ServiceDefaults;

namespace AiPipe.Proxy.Telemetry;

/// <summary>Gauges of pending ledger entries, journal size and unavailable servers.</summary>
internal sealed class ServerGauges
{
    private const string Dependency = "aipipe.dependency";

    private readonly LedgerWriter _writer;
    private readonly StateRefresher _postgres;
    private readonly LocalReservations? _redis;

    public ServerGauges(IMeterFactory meters, LedgerWriter writer, Journal journal, StateRefresher postgres, IServiceProvider services)
    {
        (_writer, _postgres, _redis) = (writer, postgres, services.GetService<LocalReservations>());
        // The factory disposes of its meter with the host; the static meter would keep the host in memory.
        var meter = meters.Create(AiPipeTelemetry.Name);
        meter.CreateObservableGauge(
            "aipipe.ledger.pending", () => writer.Pending, "{entry}", "Ledger entries that Postgres does not have yet.");
        meter.CreateObservableGauge("aipipe.journal.size", () => journal.Bytes, "By", "Size of the journal files that are still needed.");
        meter.CreateObservableGauge(
            "aipipe.dependency.unavailable", Outages, "{dependency}", "1 while this replica cannot use the server, else 0.");
    }

    private IEnumerable<Measurement<int>> Outages()
    {
        yield return Outage("postgres", _postgres.IsUnavailable || _writer.IsUnavailable);
        if (_redis is not null) yield return Outage("redis", _redis.Member is null);
    }

    private static Measurement<int> Outage(string name, bool isUnavailable) =>
        new(isUnavailable ? 1 : 0, new KeyValuePair<string, object?>(Dependency, name));
}
