using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AiPipe.Proxy.Settings.Audit;

/// <summary>An action that affects others: a row of <c>audit_entries</c>. Immutable and without secrets.</summary>
internal sealed record AuditEntry
{
    public required Guid Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Who { get; init; }
    /// <summary><c>settings.change</c>, <c>token.issue</c>, …</summary>
    public required string Action { get; init; }
    /// <summary>The target: an address, or a settings path with slashes.</summary>
    public required string Subject { get; init; }
    public string? Before { get; init; }
    public string? After { get; init; }
    public string? Note { get; init; }
}

internal sealed class AuditMapping : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.ToTable("audit_entries");
        builder.HasKey(entry => entry.Id);
        builder.Property(entry => entry.Id).ValueGeneratedNever();
        // Not jsonb, which would reorder the fields.
        builder.Property(entry => entry.Before).HasColumnType("json");
        builder.Property(entry => entry.After).HasColumnType("json");
    }
}
