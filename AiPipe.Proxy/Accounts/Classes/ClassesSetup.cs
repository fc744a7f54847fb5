using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary>Registers and maps classes: teachers give students a part of the operator's budget for a time.</summary>
internal static class ClassesSetup
{
    public const string Joining = "join";

    private const int GuessesPerMinute = 10;
    public const string Limit = "classes";
    private const int PerMinute = 120;

    public static IHostApplicationBuilder AddClasses(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSection<ClassOptions>(ClassOptions.Section);
        builder.Services.AddSingleton<JoinCodes>().AddSingleton<ICachedState, CachedClasses>().AddSingleton<TeacherLimits>()
            .AddSingleton<ClassSpend>().AddScoped<ClassRows>().AddScoped<ClassMembers>().AddScoped<AnsweredClass>();
        builder.Services.AddPerMinuteLimit(Joining, GuessesPerMinute).AddPerMinuteLimit(Limit, PerMinute);
        return builder;
    }

    public static IEndpointRouteBuilder MapClasses(this IEndpointRouteBuilder routes) => routes.MapClassEndpoints().MapMemberEndpoints();

    public static Task<TaughtClass?> FindClassAsync(this HttpContext http, string id, Caller.User asking) =>
        Guid.TryParse(id, out var found)
        ? http.QueryWithTimeoutAsync((ClassRows rows, CancellationToken token) => rows.FindAsync(found, asking, token))
        : Task.FromResult<TaughtClass?>(null);

    public static RefusalResult NoClass(this HttpContext http) => new RefusalResult(Refusal.NotFound(http.Request.Path));
}

/// <summary>The limits of teachers.</summary>
internal sealed class TeacherLimits(IOptionsMonitor<ClassOptions> options, IOptionsMonitor<TokenOptions> tokens)
{
    /// <summary>The limits of a teacher; <c>null</c> for administrators.</summary>
    public ClassOptions? Of(Caller.User teacher) => teacher.IsAdmin ? null : options.CurrentValue;

    public int MostMembersOf(string owner) =>
        tokens.CurrentValue.RoleOf(owner) == Role.Admin ? int.MaxValue : options.CurrentValue.MostMembers;
}

internal sealed record AnsweredClass(ClassRows Rows, ClassMembers Members);
