using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AiPipe.Proxy.Settings;

/// <summary>A document that lies in place of what files say at its path: a row of <c>settings</c>.</summary>
internal sealed record SettingRow
{
    /// <summary><see cref="SettingPath.Key"/>.</summary>
    public required string Key { get; init; }
    /// <summary>As it was written.</summary>
    public required string[] Path { get; init; }
    /// <summary>JSON, its secrets sealed; <c>null</c> as JSON takes away what files say.</summary>
    public required string Value { get; init; }
    /// <summary>Higher than that of every change before, to whatever row.</summary>
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
        // Not jsonb: the order of fields is the admin's own, and no statement looks inside.
        builder.Property(row => row.Value).HasColumnType("json");
    }
}
