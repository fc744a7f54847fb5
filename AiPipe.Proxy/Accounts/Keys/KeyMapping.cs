using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AiPipe.Proxy.Accounts.Keys;

internal sealed class KeyMapping : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.ToTable("api_keys");
        builder.HasKey(key => key.Id);
        builder.Property(key => key.Id).ValueGeneratedNever();
        builder.Property(key => key.User).HasColumnName("user_name");
        builder.Property(key => key.Limit).HasColumnName("limit_usd");
        builder.Property(key => key.ChangedAt).HasDefaultValueSql("now()");
        builder.Ignore(key => key.Budget);
        builder.Ignore(key => key.Scope);
        builder.HasIndex(key => key.Hash).IsUnique().HasDatabaseName("ix_api_keys_hash");
        builder.HasIndex(key => new { key.User, key.CreatedAt }).IsDescending(false, true)
            .HasDatabaseName("ix_api_keys_user_name_created_at");
        builder.HasIndex(key => key.ChangedAt).HasDatabaseName("ix_api_keys_changed_at");
    }
}
