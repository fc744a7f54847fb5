using System.Text.Json;
using AiPipe.Portal.SignIn.CookieKeys;
using AiPipe.Proxy.Money;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace AiPipe.Proxy.Infrastructure.Postgres;

internal sealed class AiPipeDb(DbContextOptions<AiPipeDb> options) : DbContext(options)
{
    public DbSet<TopicVersion> TopicVersions => Set<TopicVersion>();

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
