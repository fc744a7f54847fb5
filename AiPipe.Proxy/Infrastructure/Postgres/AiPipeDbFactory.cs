using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace AiPipe.Proxy.Infrastructure.Postgres;

/// <summary>Lets <c>dotnet ef migrations add</c> run without a database and without the gateway's configuration.</summary>
internal sealed class AiPipeDbFactory : IDesignTimeDbContextFactory<AiPipeDb>
{
    public AiPipeDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<AiPipeDb>().UseNpgsql("Host=localhost;Database=aipipe").Options);
}
