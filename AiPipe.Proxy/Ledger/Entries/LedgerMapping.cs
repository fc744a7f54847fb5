using System.Text.Json;
using AiPipe.Proxy.Infrastructure.Replicas;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AiPipe.Proxy.Ledger.Entries;

internal sealed class LedgerMapping : IEntityTypeConfiguration<LedgerEntry>, IEntityTypeConfiguration<DailySpend>,
    IEntityTypeConfiguration<RegisteredReplica>
{
    private static readonly Dictionary<EntryKind, string> Names =
        Enum.GetValues<EntryKind>().ToDictionary(kind => kind, kind => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()));

    public void Configure(EntityTypeBuilder<LedgerEntry> builder)
    {
        builder.ToTable("ledger_entries");
        builder.HasKey(entry => entry.Id);
        builder.Property(entry => entry.Id).ValueGeneratedNever();
        builder.Property(entry => entry.User).HasColumnName("user_name");
        builder.Property(entry => entry.Scopes).HasColumnType("text[]");
        builder.Property(entry => entry.Kind).HasConversion(kind => Name(kind), name => Enum.Parse<EntryKind>(name, ignoreCase: true));
        builder.Property(entry => entry.Usage).HasColumnType("jsonb").HasConversion(
            usage => JsonSerializer.Serialize(usage, LedgerJson.Default.TokenUsage!),
            json => JsonSerializer.Deserialize(json, LedgerJson.Default.TokenUsage));
        builder.Property(entry => entry.Receipt).HasColumnType("jsonb").HasConversion(
            receipt => JsonSerializer.Serialize(receipt, LedgerJson.Default.Receipt!),
            json => JsonSerializer.Deserialize(json, LedgerJson.Default.Receipt));
        builder.Property(entry => entry.Timeline).HasColumnType("jsonb").HasConversion(
            timeline => JsonSerializer.Serialize(timeline, LedgerJson.Default.Timeline!),
            json => JsonSerializer.Deserialize(json, LedgerJson.Default.Timeline));
        builder.HasIndex(entry => new { entry.User, entry.StartedAt }).IsDescending(false, true)
            .HasDatabaseName("ix_ledger_entries_user_name_started_at");
        // Rare kinds in a long table: administrators query their number.
        builder.HasIndex(entry => entry.Kind).HasFilter("kind in ('unattributed', 'reversal')")
            .HasDatabaseName("ix_ledger_entries_unattributed");
        builder.HasIndex(entry => entry.StartedAt).HasDatabaseName("ix_ledger_entries_started_at");
        builder.HasIndex(entry => new { entry.ApiKey, entry.StartedAt }).IsDescending(false, true).HasFilter("api_key is not null")
            .HasDatabaseName("ix_ledger_entries_api_key_started_at");
        // A request may refer to an earlier response, whose owner is checked.
        builder.HasIndex(entry => entry.ResponseId).HasFilter("response_id is not null").HasDatabaseName("ix_ledger_entries_response_id");
        // Adjustments count on another date than the one on which they were made, so daily sums look them up by day.
        builder.HasIndex(entry => new { entry.User, entry.Day }).HasFilter("kind = 'adjustment'")
            .HasDatabaseName("ix_ledger_entries_adjustments");
    }

    public void Configure(EntityTypeBuilder<DailySpend> builder)
    {
        builder.ToTable("daily_spend");
        builder.HasKey(spend => new { spend.Scope, spend.Day });
    }

    public void Configure(EntityTypeBuilder<RegisteredReplica> builder)
    {
        builder.ToTable("replicas");
        builder.HasKey(replica => replica.Id);
        builder.Property(replica => replica.Id).ValueGeneratedNever();
    }

    public static string Name(EntryKind kind) => Names[kind];
}
