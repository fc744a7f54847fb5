using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Callers;

/// <summary>Filters for endpoints outside of the call pipeline. Their responses are never cached.</summary>
internal static class CallerFilters
{
    public static TBuilder RequireUser<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.Require(static _ => null);

    /// <summary>Requires a person's full token: not an app's and not an API key.</summary>
    public static TBuilder RequirePerson<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.Require(NotThePerson);

    public static TBuilder RequireTeacher<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.Require(static user => NotThePerson(user) ?? (user.IsTeacher ? null : Refusal.TeacherOnly()));

    public static TBuilder RequireAdmin<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.Require(NotAnAdmin);

    /// <summary>The refusal of callers who are not administrators, for code without an endpoint to filter.</summary>
    public static ValueTask<Refusal?> RefuseOthersThanAdminsAsync(this HttpContext http) => http.CheckAsync(NotAnAdmin);

    public static Caller.User SignedIn(this HttpContext http) => http.Features.Get<Caller.User>()
        ?? throw new InvalidOperationException("The endpoint does not require sign-in.");

    private static Refusal? NotThePerson(Caller.User user) => user switch
    {
        { Allowance: not null } => Refusal.AppTokenRefused(),
        { Key: not null } => Refusal.ApiKeyRefused(),
        _ => null,
    };

    private static Refusal? NotAnAdmin(Caller.User user) => user.IsAdmin ? null : Refusal.AdminOnly();

    private static TBuilder Require<TBuilder>(this TBuilder builder, Func<Caller.User, Refusal?> check)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (context, next) =>
            await context.HttpContext.CheckAsync(check) is { } refusal ? new RefusalResult(refusal) : await next(context));

    private static async ValueTask<Refusal?> CheckAsync(this HttpContext http, Func<Caller.User, Refusal?> check)
    {
        http.Response.Headers.CacheControl = "no-store";
        var (caller, refusal) = await http.RequestServices.GetRequiredService<CallerAuthentication>().IdentifyAsync(http.Request);
        if (caller is not Caller.User user) return refusal ?? Refusal.OwnKeyRefused();
        if (check(user) is { } no) return no;
        http.Features.Set(user);
        return null;
    }
}
