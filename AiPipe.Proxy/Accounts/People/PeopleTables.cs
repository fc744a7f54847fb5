using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.People;

internal static class PeopleTables
{
    extension(AiPipeDb db)
    {
        public DbSet<Person> People => db.Set<Person>();
        public DbSet<SignInLink> SignInLinks => db.Set<SignInLink>();
    }
}
