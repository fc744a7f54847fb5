using AiPipe.Proxy.Accounts.Apps;
using AiPipe.Proxy.Accounts.SignIn;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.People;

internal static class PeopleEndpoints
{
    private const string Path = "/admin/people";
    private const int UsualPage = 50;
    private const int MostListed = 200;

    public static IEndpointRouteBuilder MapPeople(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup(Path).RequireAdmin().ShortBody().WithTags("People");
        admin.MapGet("", ListAsync).WithSummary("List people, by address");
        admin.MapPost("", AddAsync).WithSummary("Add a person, or set their name or password").Takes(typeof(PersonRequest));
        admin.MapGet("/{email}", ReadAsync).WithSummary("Read a person");
        admin.MapPost("/{email}/link", LinkAsync).WithSummary("Create a link that signs a person in once");
        admin.MapPost("/{email}/disable", (HttpContext http, string email) => DisableAsync(http, email, disabled: true))
            .WithSummary("Disable a person")
            .WithDescription("No token and no key of a disabled person is accepted.");
        admin.MapPost("/{email}/enable", (HttpContext http, string email) => DisableAsync(http, email, disabled: false))
            .WithSummary("Enable a disabled person");
        return routes;
    }

    private static async Task<Results<Ok<PersonList>, RefusalResult>> ListAsync(HttpContext http, Standings standings,
        int limit = UsualPage, string? after = null, string? search = null)
    {
        if (limit is < 1 or > MostListed) return new RefusalResult(
            Refusal.InvalidRequest($"The parameter \"limit\" must be from 1 to {MostListed}.", "limit"));
        var (from, text) = (after ?? "", (search ?? "").Trim().ToLowerInvariant());
        if ((from + text).Contains('\0', StringComparison.Ordinal)) return new RefusalResult(
            Refusal.InvalidRequest(
            "The parameters hold characters that no address has.", from.Contains('\0', StringComparison.Ordinal) ? "after" : "search"));
        var found = await http.QueryWithTimeoutAsync(
            (PeopleList people, CancellationToken token) => people.ReadAsync(from, text, limit + 1, token));
        var shown = new List<PersonInfo>();
        foreach (var person in found.Take(limit)) shown.Add(await standings.OfAsync(person, http.RequestAborted));
        return TypedResults.Ok(new PersonList(shown, found.Count > limit ? shown[^1].Email : null));
    }

    private static async Task<Results<Ok<PersonInfo>, RefusalResult>> ReadAsync(HttpContext http, string email, Standings standings) =>
        await ShownAsync(http, Email.Normalize(email), standings) is { } shown
            ? TypedResults.Ok(shown)
            : new RefusalResult(Refusal.NotFound(http.Request.Path));

    private static async Task<Results<Ok<PersonInfo>, Created<PersonInfo>, RefusalResult>> AddAsync(HttpContext http, Standings standings,
        Passwords passwords, CancellationToken cancellationToken)
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
        var (admin, name) = (http.SignedIn().Email, ShownName.FromText(request.Name));
        var isNew = await http.QueryWithTimeoutAsync(
            (PeopleAdministration people, CancellationToken token) => people.AddAsync(admin, email, name, hash, token));
        var shown = (await ShownAsync(http, email, standings))!;
        return isNew ? TypedResults.Created((string?)null, shown) : TypedResults.Ok(shown);
    }

    private static async Task<Results<Ok<OneTimeLink>, RefusalResult>> LinkAsync(HttpContext http, string email, PageOrigin origin)
    {
        if (!Email.IsUsable(email)) return new RefusalResult(Refusal.NotFound(http.Request.Path));
        var (admin, person) = (http.SignedIn().Email, Email.Normalize(email));
        var (code, expiresAt) = await http.QueryWithTimeoutAsync(
            (PeopleAdministration people, CancellationToken token) => people.LinkAsync(admin, person, token));
        return TypedResults.Ok(new OneTimeLink(SignInLinks.AddressOf(origin.Of(http.Request), code), expiresAt));
    }

    private static async Task<Results<Ok<PersonInfo>, RefusalResult>> DisableAsync(HttpContext http, string email, bool disabled)
    {
        if (!Email.IsUsable(email)) return new RefusalResult(Refusal.NotFound(http.Request.Path));
        var (admin, person) = (http.SignedIn().Email, Email.Normalize(email));
        if (disabled && http.RequestServices.GetRequiredService<IOptionsMonitor<TokenOptions>>().CurrentValue.Admins.Contains(person))
            return new RefusalResult(
                Refusal.InvalidRequest(
                "This address is an admin by configuration: take it out of ADMIN_EMAILS and AiPipe:Admins first.", "email"));
        if (disabled && person == admin) return new RefusalResult(Refusal.InvalidRequest("You cannot disable yourself.", "email"));
        await http.QueryWithTimeoutAsync(async (PeopleAdministration people, CancellationToken token) =>
        {
            await people.DisableAsync(admin, person, disabled, token);
            return true;
        });
        return TypedResults.Ok((await ShownAsync(http, person, http.RequestServices.GetRequiredService<Standings>()))!);
    }

    private static async Task<PersonInfo?> ShownAsync(HttpContext http, string email, Standings standings)
    {
        if (await http.QueryWithTimeoutAsync(
            (PeopleList people, CancellationToken token) => people.FindAsync(email, token)) is not { } person) return null;
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var grants = await http.QueryWithTimeoutAsync((AiPipeDb db, CancellationToken token) =>
            db.AppGrants.CountAsync(grant => grant.User == email && grant.RevokedAt == null && grant.ExpiresAt > now, token));
        return await standings.OfAsync(person, http.RequestAborted) with { Grants = grants };
    }
}
