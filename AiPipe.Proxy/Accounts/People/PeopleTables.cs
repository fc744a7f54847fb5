using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.People;

/// <summary>The tables of people and their sign-in links.</summary>
internal static class PeopleTables
{
    extension(AiPipeDb db)
    {
        public DbSet<Person> People => db.Set<Person>();
        public DbSet<SignInLink> SignInLinks => db.Set<SignInLink>();
    }
}
