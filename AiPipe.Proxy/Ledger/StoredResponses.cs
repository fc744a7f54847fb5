using System.Text.Json;
using AiPipe.Proxy.Ledger.Entries;
using Npgsql;

namespace AiPipe.Proxy.Ledger;

/// <summary>What the ledger knows of earlier responses, which a request may continue by their id.</summary>
internal sealed class StoredResponses(NpgsqlDataSource postgres, CostLedger ledger, TimeProvider clock)
{
    /// <summary>How long a call waits for the answer; without one, the context of the model is the bound.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>OpenAI keeps responses for 30 days (https://platform.openai.com/docs/guides/conversation-state).</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(31);

    // Ids of replaced calls and of other providers do not matter: the largest usage is the bound.
    private const string Usages = """
        select usage from ledger_entries where user_name = $1 and started_at >= $2 and response_id = $3 and usage is not null
        """;

    /// <summary>
    /// The tokens that an earlier response of a user adds to the input: its own input, including all before it, and its output.
    /// </summary>
    /// <returns><c>null</c> if the user has no such response with a known usage.</returns>
    public async ValueTask<long?> FindTokensAsync(string user, string responseId, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(user, responseId, cancellationToken).WaitAsync(Timeout, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or NpgsqlException)
        {
            return null;
        }
    }

    private async Task<long?> ReadAsync(string user, string responseId, CancellationToken cancellationToken)
    {
        // A response may be continued at once.
        await ledger.FlushAsync(cancellationToken);
        await using var command = postgres.CreateCommand(Usages);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (clock.GetUtcNow() - Kept).UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = responseId.Replace("\0", "", StringComparison.Ordinal) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        long? most = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (JsonSerializer.Deserialize(reader.GetString(0), LedgerJson.Default.TokenUsage) is { Input: { } input, Output: { } output })
                most = Math.Max(most ?? 0, input + output);
        }
        return most;
    }
}
