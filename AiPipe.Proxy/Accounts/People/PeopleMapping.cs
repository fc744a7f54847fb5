using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AiPipe.Proxy.Accounts.People;

internal sealed class PeopleMapping : IEntityTypeConfiguration<Person>, IEntityTypeConfiguration<SignInLink>
{
    public void Configure(EntityTypeBuilder<Person> builder)
    {
        builder.ToTable("people");
        builder.HasKey(person => person.Email);
        builder.Property(person => person.KnownPlaces).HasColumnType("text[]").HasDefaultValueSql("'{}'::text[]");
        // The index for the rows that every replica reads: few of many.
        builder.HasIndex(person => person.Email).HasFilter("salt is not null or disabled_at is not null")
            .HasDatabaseName("ix_people_states");
    }

    public void Configure(EntityTypeBuilder<SignInLink> builder)
    {
        builder.ToTable("sign_in_links");
        builder.HasKey(link => link.Hash);
        builder.HasIndex(link => link.Email).HasFilter("used_at is null").HasDatabaseName("ix_sign_in_links_unused");
    }
}
