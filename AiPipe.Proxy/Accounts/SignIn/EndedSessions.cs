using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>A session of the pages that its person has ended: a row of <c>ended_sessions</c>. No copy of its cookie is accepted.</summary>
internal sealed record EndedSession
{
    public required Guid Id { get; init; }
    /// <summary>When every copy of the cookie expires.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class EndedSessionMapping : IEntityTypeConfiguration<EndedSession>
{
    public void Configure(EntityTypeBuilder<EndedSession> builder)
    {
        builder.ToTable("ended_sessions");
        builder.HasKey(session => session.Id);
        builder.Property(session => session.Id).ValueGeneratedNever();
    }
}

internal sealed class EndedSessions(AiPipeDb db, StateRefresher refresher, TimeProvider clock)
{
    /// <summary>Longer than the cookie of the pages lives without being renewed.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(60);

    /// <summary>Ends a session: here at once, on other replicas within seconds.</summary>
    public async Task EndAsync(Guid id, CancellationToken cancellationToken)
    {
        var (now, expiresAt) = (clock.GetUtcNow(), clock.GetUtcNow() + Memory);
        await db.ChangeAsync(CachedSessions.Name, async token =>
        {
            await db.Database.ExecuteSqlAsync($"delete from ended_sessions where expires_at < {now}", token);
            await db.Database.ExecuteSqlAsync(
                $"insert into ended_sessions (id, expires_at) values ({id}, {expiresAt}) on conflict (id) do nothing", token);
            return true;
        }, cancellationToken);
        await refresher.CatchUpAsync(cancellationToken);
    }
}

/// <summary>Reads the sessions that any replica ended.</summary>
internal sealed class CachedSessions(NpgsqlDataSource postgres, RevokedGrants revoked, TimeProvider clock) : ICachedState
{
    public const string Name = "sessions";

    public string StateName => Name;

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand("select id, expires_at from ended_sessions where expires_at > $1");
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        var ended = new List<RevokedGrant>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            ended.Add(new RevokedGrant(reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1)));
        revoked.Add(ended, clock.GetUtcNow());
    }
}
