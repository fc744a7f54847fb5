using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AiPipe.Proxy.Settings;

/// <summary>A document that replaces the file's at its path: a row of <c>settings</c>.</summary>
internal sealed record SettingRow
{
    public required string Key { get; init; }
    public required string[] Path { get; init; }
    /// <summary>JSON with encrypted secrets; JSON null hides the file's document.</summary>
    public required string Value { get; init; }
    /// <summary>Higher than that of every earlier change in any row.</summary>
    public required long Version { get; init; }
    public required DateTimeOffset ChangedAt { get; init; }
    public required string ChangedBy { get; init; }
}

internal sealed class SettingMapping : IEntityTypeConfiguration<SettingRow>
{
    public void Configure(EntityTypeBuilder<SettingRow> builder)
    {
        builder.ToTable("settings");
        builder.HasKey(row => row.Key);
        // Not jsonb: the order of fields is the administrator's, and no query looks inside.
        builder.Property(row => row.Value).HasColumnType("json");
    }
}
