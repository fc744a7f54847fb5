namespace AiPipe.Proxy.Journey.Authentication;

/// <summary>Lets only signed-in callers, or only admins, reach an endpoint outside the journey.</summary>
internal static class CallerFilters
{
    public static TBuilder RequireUser<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(static (context, next) => LetIn(context, next, adminsOnly: false));

    public static TBuilder RequireAdmin<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(static (context, next) => LetIn(context, next, adminsOnly: true));

    /// <summary>The user whom <see cref="RequireUser"/> or <see cref="RequireAdmin"/> let in.</summary>
    public static Caller.User SignedIn(this HttpContext http) => http.Features.Get<Caller.User>()
        ?? throw new InvalidOperationException("The endpoint asks for no sign-in.");

    private static async ValueTask<object?> LetIn(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next, bool adminsOnly)
    {
        var http = context.HttpContext;
        var authentication = http.RequestServices.GetRequiredService<CallerAuthentication>();
        var (caller, refusal) = authentication.Identify(http.Request);
        if (caller is Caller.User user && (user.IsAdmin || !adminsOnly))
        {
            http.Features.Set(user);
            return await next(context);
        }
        return new RefusalResult(refusal ?? (caller is Caller.User ? Refusal.AdminOnly() : Refusal.OwnKeyRefused()));
    }
}
