using AiPipe.Proxy.Infrastructure.Postgres;

namespace AiPipe.Proxy.Accounts.People;

internal static class PeopleSetup
{
    public static IHostApplicationBuilder AddPeople(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<PeopleRows>().AddScoped<PeopleAdministration>().AddSingleton<PeopleList>().AddSingleton<Standings>()
            .AddScoped<SignInLinks>().AddSingleton<ICachedState, CachedPeople>();
        return builder;
    }
}
