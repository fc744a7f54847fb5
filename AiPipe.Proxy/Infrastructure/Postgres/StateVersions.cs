using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AiPipe.Proxy.Infrastructure.Postgres;

/// <summary>The version of a topic: a row of <c>changes</c>.</summary>
internal sealed record TopicVersion(string Part, long Version);

internal sealed class TopicVersionMapping : IEntityTypeConfiguration<TopicVersion>
{
    public void Configure(EntityTypeBuilder<TopicVersion> builder)
    {
        builder.ToTable("changes");
        builder.HasKey(part => part.Part);
    }
}

/// <summary>Changes state that every replica caches.</summary>
internal static class StateVersions
{
    /// <summary>Makes a change and increments its topic's version in one transaction, one at a time per topic.</summary>
    /// <param name="db">Must have no unsaved changes: a failed transaction is retried from the start.</param>
    public static Task<bool> ChangeAsync(
        this AiPipeDb db, string part, Func<CancellationToken, Task<bool>> change, CancellationToken cancellationToken) =>
        db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            await db.Database.ExecuteSqlAsync(
                $"insert into changes (part, version) values ({part}, 1) on conflict (part) do update set version = changes.version + 1",
                    token);
            if (!await change(token)) return false;
            await transaction.CommitAsync(token);
            return true;
        }, cancellationToken);
}
