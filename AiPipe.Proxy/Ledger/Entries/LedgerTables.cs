using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Ledger.Entries;

internal static class LedgerTables
{
    extension(AiPipeDb db)
    {
        public DbSet<LedgerEntry> LedgerEntries => db.Set<LedgerEntry>();
        public DbSet<DailySpend> DailySpend => db.Set<DailySpend>();
    }
}
