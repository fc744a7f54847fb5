using System.Text.Json;
using AiPipe.Portal.SignIn.CookieKeys;
using AiPipe.Proxy.Accounts.Apps;
using AiPipe.Proxy.Accounts.Classes;
using AiPipe.Proxy.Accounts.Keys;
using AiPipe.Proxy.Accounts.People;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Settings;
using AiPipe.Proxy.Settings.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace AiPipe.Proxy.Infrastructure.Postgres;

/// <summary>The database. Entities and their mappings live with their stage; names in it are snake_case, money is USD.</summary>
internal sealed class AiPipeDb(DbContextOptions<AiPipeDb> options) : DbContext(options)
{
    public DbSet<LedgerEntry> LedgerEntries => Set<LedgerEntry>();
    public DbSet<DailySpend> DailySpend => Set<DailySpend>();
    public DbSet<AppGrant> AppGrants => Set<AppGrant>();
    public DbSet<AppCode> AppCodes => Set<AppCode>();
    public DbSet<Person> People => Set<Person>();
    public DbSet<SignInLink> SignInLinks => Set<SignInLink>();
    public DbSet<TaughtClass> Classes => Set<TaughtClass>();
    public DbSet<ClassMember> ClassMembers => Set<ClassMember>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<SettingRow> Settings => Set<SettingRow>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    public DbSet<PartVersion> PartVersions => Set<PartVersion>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<PicoUsd>().HaveConversion<UsdConverter>().HaveColumnType("numeric");

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(AiPipeDb).Assembly);
        modelBuilder.ApplyConfiguration(new CookieKeyMapping());
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            entity.FindPrimaryKey()?.SetName($"pk_{entity.GetTableName()}");
            foreach (var property in entity.GetProperties())
                if (property.GetColumnName() == property.Name)
                    property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
        }
    }

    private sealed class UsdConverter() : ValueConverter<PicoUsd, decimal>(pico => pico.ToUsd(), usd => PicoUsd.FromUsd(usd));
}
