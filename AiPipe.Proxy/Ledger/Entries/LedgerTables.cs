using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>The tables of the ledger.</summary>
internal static class LedgerTables
{
    extension(AiPipeDb db)
    {
        public DbSet<LedgerEntry> LedgerEntries => db.Set<LedgerEntry>();
        public DbSet<DailySpend> DailySpend => db.Set<DailySpend>();
    }
}
