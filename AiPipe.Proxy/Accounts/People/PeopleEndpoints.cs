using AiPipe.Proxy.Accounts.SignIn;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.People;

/// <summary><c>/admin/people</c>: who is here, what they may spend; adding somebody, their one-time links, disabling them.</summary>
internal static class PeopleEndpoints
{
    private const string Path = "/admin/people";
    private const int UsualPage = 50;
    private const int MostListed = 200;

    public static IEndpointRouteBuilder MapPeople(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup(Path).RequireAdmin().ShortBody();
        admin.MapGet("", ListAsync);
        admin.MapPost("", AddAsync);
        admin.MapGet("/{email}", ReadAsync);
        admin.MapPost("/{email}/link", LinkAsync);
        admin.MapPost("/{email}/disable", (HttpContext http, string email) => DisableAsync(http, email, disabled: true));
        admin.MapPost("/{email}/enable", (HttpContext http, string email) => DisableAsync(http, email, disabled: false));
        routes.Map(Path, static () => new RefusalResult(Refusal.MethodNotAllowed($"GET or POST {Path}")));
        routes.Map(Path + "/{email}", static () => new RefusalResult(Refusal.MethodNotAllowed($"GET {Path}/EMAIL")));
        foreach (var action in new[] { "link", "disable", "enable" })
            routes.Map($"{Path}/{{email}}/{action}", () => new RefusalResult(Refusal.MethodNotAllowed($"POST {Path}/EMAIL/{action}")));
        return routes;
    }

    private static async Task<IResult> ListAsync(HttpContext http, Standings standings, int limit = UsualPage, string? after = null, string? search = null)
    {
        if (limit is < 1 or > MostListed) return new RefusalResult(Refusal.InvalidRequest($"The parameter \"limit\" must be from 1 to {MostListed}.", "limit"));
        var (from, text) = (after ?? "", (search ?? "").Trim().ToLowerInvariant());
        if ((from + text).Contains('\0', StringComparison.Ordinal)) return new RefusalResult(Refusal.InvalidRequest("The parameters hold characters that no address has.", from.Contains('\0', StringComparison.Ordinal) ? "after" : "search"));
        var found = await http.AskAsync((PeopleList people, CancellationToken token) => people.ReadAsync(from, text, limit + 1, token));
        var shown = new List<PersonInfo>();
        foreach (var person in found.Take(limit)) shown.Add(await standings.OfAsync(person, http.RequestAborted));
        return Results.Json(new PersonList(shown, found.Count > limit ? shown[^1].Email : null), ContractJson.Default.PersonList);
    }

    private static async Task<IResult> ReadAsync(HttpContext http, string email, Standings standings) =>
        await ShownAsync(http, Email.Normalize(email), standings) is { } shown
            ? Results.Json(shown, ContractJson.Default.PersonInfo)
            : new RefusalResult(Refusal.NotFound(http.Request.Path));

    private static async Task<IResult> AddAsync(HttpContext http, Standings standings, Passwords passwords, CancellationToken cancellationToken)
    {
        var (request, wrong) = await http.Request.ReadAsync(ContractJson.Default.PersonRequest, cancellationToken);
        if (request is null) return new RefusalResult(wrong!);
        if (request.Email is not { } address || !Email.IsUsable(address) || address.EnumerateRunes().Any(ShownName.IsHidden))
            return new RefusalResult(Refusal.InvalidRequest("The field \"email\" is not usable as a user's name.", "email"));
        var (email, hash) = (Email.Normalize(address), (string?)null);
        if (request.Password is not null)
        {
            if (PasswordRules.Check(request.Password, email) is { } unfit) return new RefusalResult(unfit with { Param = "password" });
            hash = await passwords.HashAsync(request.Password, cancellationToken);
            if (hash is null) return new RefusalResult(SigningIn.Busy());
        }
        var (admin, name) = (http.SignedIn().Email, ShownName.Of(request.Name));
        var isNew = await http.AskAsync((PeopleAdministration people, CancellationToken token) => people.AddAsync(admin, email, name, hash, token));
        return Results.Json(await ShownAsync(http, email, standings), ContractJson.Default.PersonInfo!, statusCode: isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> LinkAsync(HttpContext http, string email, PageOrigin origin)
    {
        if (!Email.IsUsable(email)) return new RefusalResult(Refusal.NotFound(http.Request.Path));
        var (admin, person) = (http.SignedIn().Email, Email.Normalize(email));
        var (code, expiresAt) = await http.AskAsync((PeopleAdministration people, CancellationToken token) => people.LinkAsync(admin, person, token));
        return Results.Json(new OneTimeLink(SignInLinks.AddressOf(origin.Of(http.Request), code), expiresAt), ContractJson.Default.OneTimeLink);
    }

    private static async Task<IResult> DisableAsync(HttpContext http, string email, bool disabled)
    {
        if (!Email.IsUsable(email)) return new RefusalResult(Refusal.NotFound(http.Request.Path));
        var (admin, person) = (http.SignedIn().Email, Email.Normalize(email));
        if (disabled && http.RequestServices.GetRequiredService<IOptionsMonitor<TokenOptions>>().CurrentValue.Admins.Contains(person))
            return new RefusalResult(Refusal.InvalidRequest("This address is an admin by configuration: take it out of ADMIN_EMAILS and AiPipe:Admins first.", "email"));
        if (disabled && person == admin) return new RefusalResult(Refusal.InvalidRequest("You cannot disable yourself.", "email"));
        await http.AskAsync(async (PeopleAdministration people, CancellationToken token) =>
        {
            await people.DisableAsync(admin, person, disabled, token);
            return true;
        });
        return Results.Json((await ShownAsync(http, person, http.RequestServices.GetRequiredService<Standings>()))!, ContractJson.Default.PersonInfo);
    }

    private static async Task<PersonInfo?> ShownAsync(HttpContext http, string email, Standings standings)
    {
        if (await http.AskAsync((PeopleList people, CancellationToken token) => people.FindAsync(email, token)) is not { } person) return null;
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var grants = await http.AskAsync((AiPipeDb db, CancellationToken token) =>
            db.AppGrants.CountAsync(grant => grant.User == email && grant.RevokedAt == null && grant.ExpiresAt > now, token));
        return await standings.OfAsync(person, http.RequestAborted) with { Grants = grants };
    }
}
