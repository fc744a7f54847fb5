using AiPipe.Proxy.Accounts.People;
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
/// <c>GET /token?credential=…</c> exchanges Google's credential for a token, <c>POST /token</c> a password or one-time link. Only POST
/// uses up a link, so that mail scanners do not. <c>GET /login/options</c> lists the accepted methods.
/// </summary>
internal static partial class SignInEndpoint
{
    /// <summary>How long a sign-in with Google waits to be recorded.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public static IEndpointRouteBuilder MapSignInEndpoint(this IEndpointRouteBuilder routes)
    {
        // Passwords can be guessed here.
        var signIn = routes.MapGroup("/token").Guarded(SignInSetup.Addresses).ForEverybody().WithTags("Sign-in");
        signIn.MapGet("", ByGoogleAsync).WithSummary("Sign in with the credential of Google's button");
        signIn.MapPost("", ByOursAsync).WithSummary("Sign in with a password or a one-time link")
            .Takes(typeof(SignInRequest), ApiDescriptions.Json, ApiDescriptions.Form);
        routes.MapGet("/login/options", static (IOptions<SignInOptions> options) => TypedResults.Ok(options.Value.ToContract()))
            .ForEverybody().WithTags("Sign-in").WithSummary("How people sign in here");
        return routes;
    }

    private static async Task<Results<Ok<SignInResponse>, RefusalResult>> ByGoogleAsync(
        HttpContext http, GoogleCredentials google, PersonStates states, TokenIssuer tokens, ILogger<PeopleRows> logger,
            CancellationToken cancellationToken,
        string? credential = null)
    {
        var (person, refusal) = await google.CheckAsync(credential, cancellationToken);
        if (person is null) return new RefusalResult(refusal!);
        var email = Email.Normalize(person.Email);
        if (states.Of(email).IsDisabled) return new RefusalResult(Refusal.AccountDisabled());
        await NoteAsync(http, email, person.Name, logger);
        return TypedResults.Ok(
            new SignInResponse(tokens.Issue(email, method: TokenPayload.ByGoogle), email, person.EmailVerified, person.Name,
            person.GivenName, person.FamilyName, person.Picture, person.Locale, person.HostedDomain, person.Subject));
    }

    private static async Task<Results<Ok<SignInResponse>, RefusalResult>> ByOursAsync(HttpContext http, CancellationToken cancellationToken)
    {
        var (request, wrong) = http.Request.HasJsonContentType()
            ? await http.Request.ReadAsync(ContractJson.Default.SignInRequest, cancellationToken)
            : await ReadFormAsync(http.Request, cancellationToken);
        if (request is null) return new RefusalResult(wrong!);
        if ((request.Email ?? request.Username, request.Password, request.Link) is not (
            (null, null, not null) or (not null, not null, null)))
            return new RefusalResult(Refusal.InvalidRequest("Give \"email\" and \"password\", or \"link\".",
                (request.Link, request.Email ?? request.Username) switch
                {
                    (not null, _) => "link",
                    (_, null) => "email",
                    _ =>
                    "password"
                }));

        var address = PerMinuteLimit.AddressOf(http);
        var (person, refusal) = await http.QueryWithTimeoutAsync((SigningIn signing, CancellationToken token) => request.Link is { } code
            ? signing.ByLinkAsync(code, address, token)
            : signing.ByPasswordAsync((request.Email ?? request.Username)!, request.Password!, address, token));
        return person is null ? new RefusalResult(refusal!) : TypedResults.Ok(person);
    }

    private static async Task<(SignInRequest? Request, Refusal? Refusal)> ReadFormAsync(
        HttpRequest request, CancellationToken cancellationToken)
    {
        var (field, wrong) = await request.ReadFieldsAsync(cancellationToken);
        return field is null ? (null, wrong)
            : (new SignInRequest(field("email"), field("username"), field("password"), field("link")), null);
    }

    /// <summary>Best effort: the row is for administrators, and the sign-in must not depend on it.</summary>
    private static async Task NoteAsync(HttpContext http, string email, string? name, ILogger logger)
    {
        try
        {
            await http.QueryWithTimeoutAsync(async (PeopleRows people, CancellationToken token) =>
            {
                await people.SeenAsync(email, name, place: null, token);
                return true;
            }).WaitAsync(Timeout, http.RequestAborted);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            Log.NotNoted(logger, e.GetBaseException().Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Cannot record a sign-in; the person is signed in anyway: {Why}")]
        public static partial void NotNoted(ILogger logger, string why);
    }
}
