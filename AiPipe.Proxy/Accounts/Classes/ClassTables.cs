using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.Classes;

internal static class ClassTables
{
    extension(AiPipeDb db)
    {
        public DbSet<TaughtClass> Classes => db.Set<TaughtClass>();
        public DbSet<ClassMember> ClassMembers => db.Set<ClassMember>();
    }
}
