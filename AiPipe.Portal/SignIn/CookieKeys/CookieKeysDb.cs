using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AiPipe.Portal.SignIn.CookieKeys;

/// <summary>The only table that the Portal uses. The Proxy's migrations create it.</summary>
internal sealed class CookieKeysDb(DbContextOptions<CookieKeysDb> options) : DbContext(options), IDataProtectionKeyContext
{
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.ApplyConfiguration(new CookieKeyMapping());
}

/// <summary>Maps cookie keys to the snake_case names of the database.</summary>
internal sealed class CookieKeyMapping : IEntityTypeConfiguration<DataProtectionKey>
{
    public void Configure(EntityTypeBuilder<DataProtectionKey> builder)
    {
        builder.ToTable("data_protection_keys");
        builder.HasKey(key => key.Id).HasName("pk_data_protection_keys");
        builder.Property(key => key.Id).HasColumnName("id");
        builder.Property(key => key.FriendlyName).HasColumnName("friendly_name");
        builder.Property(key => key.Xml).HasColumnName("xml");
        // Replicas that start at the same time import the same files.
        builder.HasIndex(key => key.FriendlyName).IsUnique().HasDatabaseName("ix_data_protection_keys_friendly_name");
    }
}
