using AiPipe.Proxy.Accounts.People;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>
/// The owner of a token: <c>GET /token/me</c> shows them, <c>PUT /token/password</c> sets a password, <c>POST /token/reset</c> replaces
/// all tokens with a new one.
/// </summary>
internal static class OwnTokenEndpoints
{
    /// <summary>
    /// How long after a sign-in the token may set a first password, or, after a sign-in by link, replace a forgotten one. An older token
    /// may be a copy.
    /// </summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(15);

    public static IEndpointRouteBuilder MapOwnToken(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/token/me", MeAsync).RequirePerson().WithTags("Sign-in").WithSummary("Who you are");
        // Passwords can be guessed here.
        var own = routes.MapGroup("/token").RequirePerson().Guarded(SignInSetup.Addresses).WithTags("Sign-in");
        own.MapPut("/password", PasswordAsync).WithSummary("Set or change your password")
            .WithDescription("A change ends all sessions and tokens. A first password needs a recent sign-in by link or Google.")
            .Takes(typeof(PasswordRequest));
        // Otherwise the compiler would choose the overload for a RequestDelegate, which discards the result.
        own.MapDelete("/session", (Delegate)EndSessionAsync).WithSummary("End a session of the pages")
            .WithDescription($"The header {SessionHeader.Name} has its id. Tokens stay valid.");
        own.MapPost("/reset", ResetAsync).WithSummary("Replace your token")
            .WithDescription("All earlier tokens stop working, those of web apps included. API keys stay.");
        return routes;
    }

    private static async Task<Ok<CurrentUser>> MeAsync(HttpContext http, ClassBudgetCache classes)
    {
        var user = http.SignedIn();
        var person = await http.QueryWithTimeoutAsync((PeopleRows people, CancellationToken token) => people.FindAsync(user.Email, token));
        return TypedResults.Ok(new CurrentUser(user.Email, person?.Name, user.IsAdmin, user.IsTeacher, person?.PasswordHash is not null,
            [.. classes.Of(user.Email).Select(static taught => new CurrentUserClass(taught.Id, taught.Name))]));
    }

    private static async Task<Results<NoContent, RefusalResult>> PasswordAsync(
        HttpContext http, IOptionsMonitor<TokenOptions> options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (change, wrong) = await http.Request.ReadAsync(ContractJson.Default.PasswordRequest, cancellationToken);
        if (change is null) return new RefusalResult(wrong!);
        var (email, address) = (http.SignedIn().Email, PerMinuteLimit.AddressOf(http));
        var method = await FreshMethodAsync(http.Request, options.CurrentValue.Secret, clock.GetUtcNow());
        return await http.QueryWithTimeoutAsync(
            (SigningIn signing, CancellationToken token) =>
                signing.ChangePasswordAsync(email, change, method, address, token)) is { } refusal
            ? new RefusalResult(refusal)
            : TypedResults.NoContent();
    }

    private static async Task<NoContent> EndSessionAsync(HttpContext http)
    {
        if (SessionHeader.IdOf(http.Request) is { } session)
        {
            await http.QueryWithTimeoutAsync(async (EndedSessions sessions, CancellationToken token) =>
            {
                await sessions.EndAsync(session, token);
                return true;
            });
        }
        return TypedResults.NoContent();
    }

    private static async Task<Ok<ResetToken>> ResetAsync(HttpContext http, TokenIssuer tokens)
    {
        var email = http.SignedIn().Email;
        await http.QueryWithTimeoutAsync(async (PeopleRows people, CancellationToken token) =>
        {
            await people.ResetAsync(email, token);
            return true;
        });
        return TypedResults.Ok(new ResetToken(tokens.Issue(email), email));
    }

    /// <summary>The sign-in method of a token that a sign-in issued within <see cref="Fresh"/>; otherwise <c>null</c>.</summary>
    // The token was just verified; it is read again for a claim that only this endpoint uses.
    private static async ValueTask<string?> FreshMethodAsync(HttpRequest request, byte[] secret, DateTimeOffset now) =>
        PresentedToken.FromRequest(request, keyInQuery: false) is { } token && await Jwt.VerifyAsync(token, secret) is { } json
        && TokenPayload.Parse(json) is { Amr: { } method, Iat: { } at } && now.ToUnixTimeSeconds() - at <= Fresh.TotalSeconds
            ? method : null;
}
