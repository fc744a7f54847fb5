using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Settings;

/// <summary>The table of settings that are changed at run time.</summary>
internal static class SettingTables
{
    extension(AiPipeDb db)
    {
        public DbSet<SettingRow> Settings => db.Set<SettingRow>();
    }
}
