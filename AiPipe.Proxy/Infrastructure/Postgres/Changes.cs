using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AiPipe.Proxy.Infrastructure.Postgres;

/// <summary>How often a part was changed: a row of <c>changes</c>.</summary>
internal sealed record TopicVersion(string Part, long Version);

internal sealed class PartVersionMapping : IEntityTypeConfiguration<TopicVersion>
{
    public void Configure(EntityTypeBuilder<TopicVersion> builder)
    {
        builder.ToTable("changes");
        builder.HasKey(part => part.Part);
    }
}

/// <summary>Changes what every replica keeps in memory.</summary>
internal static class Changes
{
    /// <summary>
    /// Makes a change and counts it, both or neither. Whoever changes the same part waits for the other's end, so that a version, once it
    /// is seen, stands for all changes up to it.
    /// </summary>
    /// <param name="db">Must not hold unsaved work of its own: a change that Postgres lost in passing is made again from the start.</param>
    /// <param name="part">The <see cref="ICachedState.Part"/>.</param>
    /// <param name="change">Writes, and says whether there was anything to write.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What <paramref name="change"/> said.</returns>
    public static Task<bool> ChangeAsync(this AiPipeDb db, string part, Func<CancellationToken, Task<bool>> change, CancellationToken cancellationToken) =>
        db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            await db.Database.ExecuteSqlAsync(
                $"insert into changes (part, version) values ({part}, 1) on conflict (part) do update set version = changes.version + 1", token);
            if (!await change(token)) return false;
            await transaction.CommitAsync(token);
            return true;
        }, cancellationToken);
}
