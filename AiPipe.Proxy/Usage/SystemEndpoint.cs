using System.Diagnostics;
using System.Reflection;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Redis;
using AiPipe.Proxy.Infrastructure.Replicas;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Pricing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace AiPipe.Proxy.Usage;

/// <summary><c>GET /admin/system</c>: the state of this replica and its dependencies, available during outages, too.</summary>
internal static class SystemEndpoint
{
    private const string Path = "/admin/system";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public static IEndpointRouteBuilder MapSystem(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, ReadAsync).RequireAdmin().WithTags("Administration")
            .WithSummary("The state of the gateway and its dependencies");
        return routes;
    }

    private static async Task<Ok<SystemInfo>> ReadAsync(HttpContext http, NpgsqlDataSource postgres, Replica replica, LedgerWriter writer,
        Journal journal, TimeProvider clock)
    {
        var redis = http.RequestServices.GetService<RedisServer>();
        var (asked, pinged) = (AskPostgresAsync(postgres, replica), PingAsync(redis));
        var ((database, replicas, unattributed), answered) = (await asked, await pinged);
        return TypedResults.Ok(new SystemInfo(
            typeof(SystemEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
            StartOf(replica.Id), database, answered, new JournalInfo(writer.Pending, journal.Outstanding, journal.Bytes),
            replicas ?? [new ReplicaInfo(replica.Id, StartOf(replica.Id), clock.GetUtcNow(), This: true)],
            new PriceTableInfo(EmbeddedPrices.Version), unattributed));
    }

    private static async Task<(
        DependencyHealth Health, IReadOnlyList<ReplicaInfo>? Replicas, UnattributedInfo? Unattributed)> AskPostgresAsync(
        NpgsqlDataSource postgres, Replica self)
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            // Abandoned rather than cancelled, as in ReplicaRegistry: cancelling waits for a frozen server.
            return await ReadReplicasAsync().WaitAsync(Timeout);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return (new DependencyHealth(Ok: false, LatencyMs: null, Configured: true), null, null);
        }

        async Task<(DependencyHealth, IReadOnlyList<ReplicaInfo>?, UnattributedInfo?)> ReadReplicasAsync()
        {
            await using var command = postgres.CreateCommand("""
                select id, seen_at, now() from replicas order by id;
                select count(*) filter (where kind = 'unattributed'), coalesce(sum(cost), 0) from ledger_entries
                    where kind in ('unattributed', 'reversal')
                """);
            await using var reader = await command.ExecuteReaderAsync();
            var latency = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            var replicas = new List<ReplicaInfo>();
            while (await reader.ReadAsync())
            {
                var id = reader.GetGuid(0);
                replicas.Add(new ReplicaInfo(id, StartOf(id), reader.GetFieldValue<DateTimeOffset>(1), id == self.Id));
            }
            await reader.NextResultAsync();
            await reader.ReadAsync();
            var unattributed = new UnattributedInfo(reader.GetInt64(0), reader.GetDecimal(1));
            return (new DependencyHealth(Ok: true, Math.Round(latency, 1), Configured: true), replicas.Exists(replica => replica.This)
                ? replicas : null, unattributed);
        }
    }

    private static async Task<DependencyHealth> PingAsync(RedisServer? redis)
    {
        if (redis is null) return new DependencyHealth(Ok: null, LatencyMs: null, Configured: false);
        try
        {
            return new DependencyHealth(Ok: true, Math.Round((await redis.PingAsync()).TotalMilliseconds, 1), Configured: true);
        }
        catch (CounterUnavailableException)
        {
            return new DependencyHealth(Ok: false, LatencyMs: null, Configured: true);
        }
    }

    /// <summary>Ids begin with Unix milliseconds (RFC 9562, version 7).</summary>
    private static DateTimeOffset? StartOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = 0L;
        foreach (var part in bytes[..6]) milliseconds = (milliseconds << 8) | part;
        return id.Version == 7 && milliseconds <= 253_402_300_799_999 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }
}
