using AiPipe.Proxy.Accounts.People;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>
/// What a person does with their own token: <c>GET /token/me</c> whose it is, <c>PUT /token/password</c> another password,
/// <c>POST /token/reset</c> another token in place of all that there are.
/// </summary>
internal static class OwnTokenEndpoints
{
    /// <summary>How long a link's token may set a password without the current one: whoever asked for the link has forgotten it.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(15);

    public static IEndpointRouteBuilder MapOwnToken(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/token/me", MeAsync).RequirePerson();
        // Here somebody might guess.
        var own = routes.MapGroup("/token").RequirePerson().Guarded(SignInSetup.Addresses);
        own.MapPut("/password", PasswordAsync);
        own.MapPost("/reset", ResetAsync);
        routes.Map("/token/me", static () => new RefusalResult(Refusal.MethodNotAllowed("GET /token/me")));
        routes.Map("/token/password", static () => new RefusalResult(Refusal.MethodNotAllowed("PUT /token/password")));
        routes.Map("/token/reset", static () => new RefusalResult(Refusal.MethodNotAllowed("POST /token/reset")));
        return routes;
    }

    private static async Task<IResult> MeAsync(HttpContext http, ClassBook classes)
    {
        var user = http.SignedIn();
        var person = await http.AskAsync((PeopleRows people, CancellationToken token) => people.FindAsync(user.Email, token));
        return Results.Json(new CurrentUser(user.Email, person?.Name, user.IsAdmin, user.IsTeacher, person?.PasswordHash is not null,
            [.. classes.Of(user.Email).Select(static taught => new CurrentUserClass(taught.Id, taught.Name))]), ContractJson.Default.CurrentUser);
    }

    private static async Task<IResult> PasswordAsync(
        HttpContext http, IOptionsMonitor<TokenOptions> options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (change, wrong) = await http.Request.ReadAsync(ContractJson.Default.PasswordRequest, cancellationToken);
        if (change is null) return new RefusalResult(wrong!);
        var (email, cameByLink) = (http.SignedIn().Email, await CameByLinkAsync(http.Request, options.CurrentValue.Secret, clock.GetUtcNow()));
        return await http.AskAsync((SigningIn signing, CancellationToken token) => signing.ChangePasswordAsync(email, change, cameByLink, token)) is { } refusal
            ? new RefusalResult(refusal)
            : Results.NoContent();
    }

    private static async Task<IResult> ResetAsync(HttpContext http, TokenIssuer tokens)
    {
        var email = http.SignedIn().Email;
        await http.AskAsync(async (PeopleRows people, CancellationToken token) =>
        {
            await people.ResetAsync(email, token);
            return true;
        });
        return Results.Json(new ResetToken(tokens.Issue(email), email), ContractJson.Default.ResetToken);
    }

    // The token was good a moment ago; here it is read again for what only this endpoint asks.
    private static async ValueTask<bool> CameByLinkAsync(HttpRequest request, byte[] secret, DateTimeOffset now) =>
        PresentedToken.Of(request, keyInQuery: false) is { } token && await Jwt.VerifyAsync(token, secret) is { } json
        && TokenPayload.Parse(json) is { Amr: TokenPayload.ByLink, Iat: { } at } && now.ToUnixTimeSeconds() - at <= Fresh.TotalSeconds;
}
