using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.Keys;

internal static class KeyTables
{
    extension(AiPipeDb db)
    {
        public DbSet<ApiKey> ApiKeys => db.Set<ApiKey>();
    }
}
