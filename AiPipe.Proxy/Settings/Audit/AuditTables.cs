using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Settings.Audit;

internal static class AuditTables
{
    extension(AiPipeDb db)
    {
        public DbSet<AuditEntry> AuditEntries => db.Set<AuditEntry>();
    }
}
