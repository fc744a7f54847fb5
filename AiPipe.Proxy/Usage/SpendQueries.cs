using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Ledger.Entries;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AiPipe.Proxy.Usage;

/// <summary>Adds up the ledger, each entry on the date on which it counts.</summary>
internal sealed class SpendQueries(AiPipeDb db, NpgsqlDataSource postgres, CostLedger ledger)
{
    /// <summary>The sums of the matching entries between two UTC dates.</summary>
    /// <exception cref="NpgsqlException">Postgres is unavailable, or the newest entries cannot be written.</exception>
    public async Task<SpendReport> ReadAsync(CallFilter filter, DateOnly from, DateOnly to, CancellationToken cancellationToken)
    {
        await ledger.FlushAsync(cancellationToken);
        await using var command = Command(filter, from, to);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sums = new List<SpendSum>();
        while (await reader.ReadAsync(cancellationToken)) sums.Add(Sum(reader));
        return CallContracts.CreateReport(from, to, sums);
    }

    internal NpgsqlCommand Command(CallFilter filter, DateOnly from, DateOnly to)
    {
        // EF has no grouping sets, so its query of the matching entries is the first part of ours: one pass for all sums.
        using var counted = (NpgsqlCommand)db.LedgerEntries.Counted(filter, from, to)
            .Select(entry => new { entry.Day, entry.Provider, entry.Model, entry.App, entry.ApiKey, entry.Kind, entry.Cost, entry.Usage })
            .CreateDbCommand();
        var command = postgres.CreateCommand($"""
            with counted (day, provider, model, app, api_key, kind, cost, usage) as ({counted.CommandText}),
            summed as (
                select grouping(day, model, app, api_key) as of, day, provider, model, app, api_key, sum(cost) as cost,
                    sum(case kind when 'adjustment' then 0 when 'reversal' then -1 else 1 end) as calls,
                    coalesce(sum((usage ->> 'input')::numeric), 0) as input, coalesce(sum((usage ->> 'output')::numeric), 0) as output
                from counted group by grouping sets ((), (day), (provider, model), (app), (api_key)))
            select of, day, provider, model, app, api_key, (select name from api_keys where id = api_key), cost, calls, input, output
            from summed where cost is not null and (of <> {ByModel} or provider is not null) and (of <> {ByApp} or app is not null)
                and (of <> {ByKey} or api_key is not null)
            """);
        foreach (NpgsqlParameter parameter in counted.Parameters) command.Parameters.Add(parameter.Clone());
        return command;
    }

    // The value of grouping(): a bit for each column that a sum is not grouped by, the last column's the lowest.
    private const int OfAll = 0b1111;
    private const int ByDay = 0b0111;
    private const int ByModel = 0b1011;
    private const int ByApp = 0b1101;
    private const int ByKey = 0b1110;

    private static SpendSum Sum(NpgsqlDataReader row) => new(
        row.GetInt32(0) switch
        {
            OfAll => SpendPart.Total,
            ByDay => SpendPart.Day,
            ByModel => SpendPart.Model,
            ByApp => SpendPart.App,
            _ => SpendPart.Key,
        },
        row.IsDBNull(1) ? null : row.GetFieldValue<DateOnly>(1),
        Text(row, 2), Text(row, 3), Text(row, 4),
        row.IsDBNull(5) ? null : row.GetGuid(5),
        Text(row, 6), row.GetDecimal(7), row.GetInt64(8), row.GetDecimal(9), row.GetDecimal(10));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
