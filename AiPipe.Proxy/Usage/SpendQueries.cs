using AiPipe.Proxy.Ledger;
using Npgsql;

namespace AiPipe.Proxy.Usage;

/// <summary>Adds up the ledger. Adjustments count on the dates that they adjust, calls on their first day.</summary>
internal sealed class SpendQueries(NpgsqlDataSource postgres, CostLedger ledger)
{
    private const string Columns = "day, provider, model, app, api_key, kind, cost, usage";

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
        var command = postgres.CreateCommand();
        Add(CallFilter.StartOf(from));
        Add(CallFilter.EndOf(to));
        Add(from);
        Add(to);
        // Only the conditions in use, so that Postgres can choose an index. CallQueries defines their meaning.
        var whose = "";
        if (filter.User is { } user) whose += $" and user_name = ${Add(user)}";
        if (filter.App is { } app) whose += $" and app = ${Add(app)}";
        if (filter.Provider is { } provider) whose += $" and provider = ${Add(provider)}";
        if (filter.Model is { } model) whose += $" and model = ${Add(model)}";
        if (filter.Key is { } key) whose += $" and api_key = ${Add(key)}";
        whose += filter.Outcome switch
        {
            CallOutcome.Ok => " and status < 400 and not estimated",
            CallOutcome.Failed => " and status >= 400 and status <> 499",
            CallOutcome.Cut => " and (kind = 'abandoned' or status = 499 or (estimated and status < 400))",
            CallOutcome.Estimated => " and estimated",
            _ => "",
        };
        command.CommandText = $"""
            with counted as (
                select {Columns} from ledger_entries where kind <> 'adjustment' and started_at >= $1 and started_at < $2{whose}
                union all
                select {Columns} from ledger_entries where kind = 'adjustment' and day between $3 and $4{whose}),
            summed as (
                select grouping(day, model, app, api_key) as of, day, provider, model, app, api_key, sum(cost) as cost,
                    sum(case kind when 'adjustment' then 0 when 'reversal' then -1 else 1 end) as calls,
                    coalesce(sum((usage ->> 'input')::numeric), 0) as input, coalesce(sum((usage ->> 'output')::numeric), 0) as output
                from counted group by grouping sets ((), (day), (provider, model), (app), (api_key)))
            select of, day, provider, model, app, api_key, (select name from api_keys where id = api_key), cost, calls, input, output
            from summed where cost is not null and (of <> {ByModel} or provider is not null) and (of <> {ByApp} or app is not null) and (of <> {ByKey} or api_key is not null)
            """;
        return command;

        int Add<T>(T value)
        {
            command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
            return command.Parameters.Count;
        }
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
            _ =>
            SpendPart.Key
        },
        row.IsDBNull(1) ? null : row.GetFieldValue<DateOnly>(1),
        Text(row, 2), Text(row, 3), Text(row, 4),
        row.IsDBNull(5) ? null : row.GetGuid(5),
        Text(row, 6), row.GetDecimal(7), row.GetInt64(8), row.GetDecimal(9), row.GetDecimal(10));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
