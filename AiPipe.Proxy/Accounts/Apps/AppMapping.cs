using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AiPipe.Proxy.Accounts.Apps;

internal sealed class AppMapping : IEntityTypeConfiguration<AppGrant>, IEntityTypeConfiguration<AppCode>
{
    public void Configure(EntityTypeBuilder<AppGrant> builder)
    {
        builder.ToTable("app_grants");
        builder.HasKey(grant => grant.Id);
        builder.Property(grant => grant.Id).ValueGeneratedNever();
        builder.Property(grant => grant.User).HasColumnName("user_name");
        builder.Property(grant => grant.Limit).HasColumnName("limit_usd");
        builder.Ignore(grant => grant.Allowance);
        builder.HasIndex(grant => new { grant.User, grant.CreatedAt }).IsDescending(false, true)
            .HasDatabaseName("ix_app_grants_user_name_created_at");
        builder.HasIndex(grant => grant.RevokedAt).HasFilter("revoked_at is not null").HasDatabaseName("ix_app_grants_revoked_at");
    }

    public void Configure(EntityTypeBuilder<AppCode> builder)
    {
        builder.ToTable("app_codes");
        builder.HasKey(code => code.Hash);
        builder.HasIndex(code => code.ExpiresAt).HasDatabaseName("ix_app_codes_expires_at");
        builder.HasOne<AppGrant>().WithMany().HasForeignKey(code => code.GrantId).HasConstraintName("fk_app_codes_app_grants_grant_id");
        builder.HasIndex(code => code.GrantId).HasDatabaseName("ix_app_codes_grant_id");
    }
}
