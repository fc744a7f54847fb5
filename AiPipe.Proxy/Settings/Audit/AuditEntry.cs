using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AiPipe.Proxy.Settings.Audit;

/// <summary>What somebody did that is not theirs alone: a row of <c>audit_entries</c>. Never changed, and without secrets.</summary>
internal sealed record AuditEntry
{
    /// <summary>In order of time.</summary>
    public required Guid Id { get; init; }
    /// <summary>By Postgres's clock.</summary>
    public required DateTimeOffset At { get; init; }
    /// <summary>Whose token it was done with.</summary>
    public required string Who { get; init; }
    /// <summary><c>settings.change</c>, <c>token.issue</c> …</summary>
    public required string Action { get; init; }
    /// <summary>To whom or what: an address, a path of settings with slashes.</summary>
    public required string Subject { get; init; }
    /// <summary>JSON; <c>null</c> where there was nothing.</summary>
    public string? Before { get; init; }
    /// <summary>JSON; <c>null</c> where nothing is left.</summary>
    public string? After { get; init; }
    /// <summary>Why, in their own words.</summary>
    public string? Note { get; init; }
}

internal sealed class AuditMapping : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.ToTable("audit_entries");
        builder.HasKey(entry => entry.Id);
        builder.Property(entry => entry.Id).ValueGeneratedNever();
        // Not jsonb, which would put the fields into another order: they are only ever read whole.
        builder.Property(entry => entry.Before).HasColumnType("json");
        builder.Property(entry => entry.After).HasColumnType("json");
    }
}
