using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.Apps;

internal static class AppTables
{
    extension(AiPipeDb db)
    {
        public DbSet<AppGrant> AppGrants => db.Set<AppGrant>();
        public DbSet<AppCode> AppCodes => db.Set<AppCode>();
    }
}
