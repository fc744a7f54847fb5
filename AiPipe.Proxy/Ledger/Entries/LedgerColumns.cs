using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>The parameters of <see cref="LedgerStore.Write"/>: an array per column costs Postgres less than JSON.</summary>
internal static class LedgerColumns
{
    public static NpgsqlParameter[] CreateParameters(IReadOnlyList<LedgerEntry> entries)
    {
        return
        [
            Column(entry => entry.Id),
            Column(entry => entry.User),
            Column(entry => entry.Day),
            Column(entry => entry.StartedAt.UtcDateTime),
            Column(entry => ArrayLiteral(entry.Scopes)),
            Column(entry => LedgerMapping.Name(entry.Kind)),
            Column(entry => entry.Provider),
            Column(entry => entry.Model),
            Column(entry => entry.Operation),
            Column(entry => entry.App),
            Column(entry => entry.Cost.ToUsd()),
            Column(entry => entry.Estimated),
            Json(entry => entry.Usage is { } usage ? JsonSerializer.Serialize(usage, LedgerJson.Default.TokenUsage) : null),
            Json(entry => entry.Receipt is { } receipt ? JsonSerializer.Serialize(receipt, LedgerJson.Default.Receipt) : null),
            Column(entry => entry.Status),
            Column(entry => entry.LatencyMs),
            Column(entry => entry.FirstByteMs),
            Column(entry => entry.TraceId),
            Column(entry => entry.ResponseId),
            Column(entry => entry.Note),
            Column(entry => entry.ApiKey),
            Json(entry => entry.Timeline is { } timeline ? JsonSerializer.Serialize(timeline, LedgerJson.Default.Timeline) : null),
        ];

        NpgsqlParameter Column<T>(Func<LedgerEntry, T> value) => new NpgsqlParameter<T[]> { TypedValue = [.. entries.Select(value)] };

        NpgsqlParameter Json(Func<LedgerEntry, string?> value) =>
            new() { Value = entries.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb };
    }

    // Arrays of arrays must be rectangular, which scopes are not. https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
    private static string ArrayLiteral(IReadOnlyList<string> texts) => $"{{{string.Join(',', texts.Select(Quoted))}}}";

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
