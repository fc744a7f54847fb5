using Microsoft.Extensions.Options;
using Npgsql;

namespace AiPipe.Proxy.Infrastructure.Replicas;

/// <summary>Table <c>replicas</c>: the replicas that share counters. It must outlive the counters in Redis.</summary>
internal sealed class ReplicaRegistry(NpgsqlDataSource postgres, Replica replica, IOptions<ReplicaOptions> options, TimeProvider clock)
{
    /// <summary>A server that responds later is treated as unavailable.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private const string Beat = """
        with forgotten as (delete from replicas where seen_at < now() - interval '1 day' and id <> $1)
        insert into replicas (id, seen_at) values ($1, now()) on conflict (id) do update set seen_at = now()
        """;

    private Task<int>? _beat;
    private long? _backSince;

    /// <summary>The time between two heartbeats.</summary>
    public TimeSpan Pause => options.Value.Timeout / 5;

    public bool IsAway { get; private set; }

    public async Task BeatAsync(CancellationToken cancellationToken)
    {
        var isDone = false;
        try
        {
            // No concurrent heartbeats, however long the first takes.
            if (_beat is null or { IsCompleted: true }) _beat = RunAsync(Beat, replica.Id);
            await InTimeAsync(_beat, cancellationToken);
            isDone = true;
        }
        finally
        {
            if (isDone && IsAway) _backSince = clock.GetTimestamp();
            IsAway = !isDone;
        }
    }

    public Task RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        InTimeAsync(RunAsync("delete from replicas where id = $1", id), cancellationToken);

    /// <summary>The replicas with a recent heartbeat; <c>null</c> just after an outage, which may have prevented some.</summary>
    /// <exception cref="NpgsqlException">Postgres is unavailable.</exception>
    public async Task<IReadOnlyList<Guid>?> LivingAsync(CancellationToken cancellationToken)
    {
        if (IsAway || (_backSince is { } back && clock.GetElapsedTime(back) < Pause)) return null;
        return await InTimeAsync(ReadAsync(), cancellationToken);

        async Task<IReadOnlyList<Guid>> ReadAsync()
        {
            await using var command = postgres.CreateCommand("select id from replicas where seen_at > now() - $1");
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.Timeout });
            await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
            var living = new List<Guid>();
            while (await reader.ReadAsync(CancellationToken.None)) living.Add(reader.GetGuid(0));
            return living;
        }
    }

    private async Task<int> RunAsync(string statement, Guid id)
    {
        await using var command = postgres.CreateCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    // Abandoned rather than cancelled: Npgsql cancels over a new connection, which blocks a thread while the server is frozen.
    private static async Task<T> InTimeAsync<T>(Task<T> answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.WaitAsync(Timeout, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new NpgsqlException($"Postgres did not answer within {Timeout.TotalSeconds:0} seconds.", exception);
        }
    }
}

/// <summary>A row of <c>replicas</c>.</summary>
/// <param name="SeenAt">The last heartbeat, by Postgres's clock.</param>
internal sealed record RegisteredReplica(Guid Id, DateTimeOffset SeenAt);
