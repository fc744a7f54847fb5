using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AiPipe.Proxy.Accounts.Classes;

internal sealed class ClassMapping : IEntityTypeConfiguration<TaughtClass>, IEntityTypeConfiguration<ClassMember>
{
    public void Configure(EntityTypeBuilder<TaughtClass> builder)
    {
        builder.ToTable("classes");
        builder.HasKey(taught => taught.Id);
        builder.Property(taught => taught.Id).ValueGeneratedNever();
        builder.Property(taught => taught.Limit).HasColumnName("limit_usd");
        builder.Property(taught => taught.TogetherLimit).HasColumnName("together_limit_usd");
        builder.Property(taught => taught.Models).HasColumnType("text[]");
        builder.Ignore(taught => taught.Window);
        builder.HasIndex(taught => taught.JoinCode).IsUnique().HasDatabaseName("ix_classes_join_code");
        builder.HasIndex(taught => taught.Owner).HasDatabaseName("ix_classes_owner");
    }

    public void Configure(EntityTypeBuilder<ClassMember> builder)
    {
        builder.ToTable("class_members");
        builder.HasKey(member => new { member.ClassId, member.Email });
        builder.HasIndex(member => member.Email).HasDatabaseName("ix_class_members_email");
        builder.HasOne<TaughtClass>().WithMany().HasForeignKey(member => member.ClassId)
            .HasConstraintName("fk_class_members_classes_class_id");
    }
}
