using Npgsql;

namespace AiPipe.Proxy.Journey.Recording;

/// <summary>Table <c>replicas</c>: who serves the same users. Postgres keeps it, since it must outlive the counters in Redis.</summary>
internal sealed class ReplicaRegistry(NpgsqlDataSource postgres, Replica replica)
{
    /// <summary>This replica lives.</summary>
    public Task BeatAsync(CancellationToken cancellationToken) => RunAsync(
        "insert into replicas (id, seen_at) values ($1, now()) on conflict (id) do update set seen_at = now()", replica.Id, cancellationToken);

    /// <summary>A replica is dead, or has left nothing behind.</summary>
    public Task RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        RunAsync("delete from replicas where id = $1", id, cancellationToken);

    /// <summary>Those that gave a sign of life lately.</summary>
    public async Task<IReadOnlyList<Guid>> LivingAsync(TimeSpan lately, CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand("select id from replicas where seen_at > now() - $1");
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = lately });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var living = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken)) living.Add(reader.GetGuid(0));
        return living;
    }

    private async Task RunAsync(string statement, Guid id, CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>One row of the registry.</summary>
/// <param name="Id">A <see cref="Replica"/>'s.</param>
/// <param name="SeenAt">Its last sign of life, by Postgres's clock.</param>
internal sealed record RegisteredReplica(Guid Id, DateTimeOffset SeenAt);
