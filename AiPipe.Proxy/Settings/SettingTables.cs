using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Settings;

internal static class SettingTables
{
    extension(AiPipeDb db)
    {
        public DbSet<SettingRow> Settings => db.Set<SettingRow>();
    }
}
