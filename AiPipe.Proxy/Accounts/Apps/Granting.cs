using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Accounts.Apps;

internal sealed class Granting(
    AppGrants grants, AppCodes codes, AppTokens tokens, BudgetResolver budgets, ProviderCatalog providers, RouteTable routes,
        TimeProvider clock)
{
    public async Task<(GrantResponse? Granted, Refusal? Refusal)> GrantAsync(
        GrantRequest request, string email, string shown, IReadOnlySet<string> origins, CancellationToken cancellationToken)
    {
        var (goal, wrong) = Goal(request, origins);
        if (goal is null) return (null, wrong);
        var hasRedirect = request.Origin is null;
        if (origins.Contains(goal.To.Origin.Text)) return OwnPage(goal, email, shown, hasRedirect);

        var (grant, refusal) = request.Grant is { } id
            ? await RememberedAsync(email, id, goal, cancellationToken)
            : await NewAsync(email, request, goal, cancellationToken);
        if (grant is null) return (null, refusal);

        if (goal.Challenge is null)
        {
            var token = tokens.Of(grant);
            return (Answer(grant, token, hasRedirect ? goal.WithToken(token, email) : null), null);
        }
        var code = await codes.IssueAsync(grant, goal.To.Text, goal.Challenge, cancellationToken);
        return (Answer(grant, token: null, goal.WithCode(code)), null);
    }

    private static (AppReturn? Goal, Refusal? Refusal) Goal(GrantRequest request, IReadOnlySet<string> origins)
    {
        if (request.Origin is null) return AppReturn.Read(AuthorizationRequest.From(request), origins);
        if (request.Redirect is not null || request.CodeChallenge is not null)
            return (null, Refusal.InvalidRequest("Give either \"redirect\" or \"origin\"; a code needs a redirect.", "redirect"));
        var (goal, refusal) = AppReturn.Read(AuthorizationRequest.From(request) with { Redirect = request.Origin }, origins);
        return goal is null or { To: { Path: "/", Query: "", Fragment: "" } }
            ? (goal, refusal)
            : (null, Refusal.InvalidRequest("The field \"origin\" must be an origin such as https://app.example.", "origin"));
    }

    /// <summary>Our own page gets the person's own token: a new one might live longer.</summary>
    private (GrantResponse?, Refusal?) OwnPage(AppReturn goal, string email, string token, bool hasRedirect)
    {
        if (goal.Challenge is not null) return (null, Refusal.InvalidRequest("The gateway's own pages need no code.", "code_challenge"));
        if (LeadsElsewhere(goal.To.Path)) return (null, Refusal.RedirectRefused("it leads on to another site"));
        return (new GrantResponse(
            token, email, Id: null, goal.To.Origin.Text, SameOrigin: true, Limit: null, Days: null, ExpiresAt: null, Remembered: null,
            // In a query, the token would be sent to the server of the page, and be in its logs.
            hasRedirect ? (goal with { InFragment = true }).WithToken(token, email) : null), null);
    }

    /// <summary><c>/proxy/URL</c>, routes and provider paths lead to third parties, which would receive the query.</summary>
    private bool LeadsElsewhere(string path)
    {
        var decoded = Uri.UnescapeDataString(path);
        return routes.TryFind(HttpMethods.Get, decoded, out _) || decoded.Split('/', '\\')
            .Any(part => part.Equals("proxy", StringComparison.OrdinalIgnoreCase) || part.Equals("v1", StringComparison.OrdinalIgnoreCase)
                || providers.TryFind(part, out _));
    }

    private Task<(AppGrant?, Refusal?)> NewAsync(string email, GrantRequest request, AppReturn goal, CancellationToken cancellationToken)
    {
        var (terms, refusal) = GrantTerms.Read(budgets.BudgetOf(email), request.Limit, request.Days, request.ExpiresInDays);
        return terms is null
            ? Task.FromResult<(AppGrant?, Refusal?)>((null, refusal))
            : grants.AddAsync(email, goal, terms, request.Remember, cancellationToken);
    }

    private async Task<(AppGrant?, Refusal?)> RememberedAsync(string email, Guid id, AppReturn goal, CancellationToken cancellationToken)
    {
        var grant = await grants.FindAsync(email, id, cancellationToken);
        var isGood = grant?.Covers(goal) is true && grant.IsActiveAt(clock.GetUtcNow());
        return isGood ? (grant, null) : (null, Refusal.NotFound($"{GrantEndpoints.Grants}/{id}"));
    }

    private static GrantResponse Answer(AppGrant grant, string? token, string? location) => new(
        token, grant.User, grant.Id, grant.Origin, SameOrigin: false, grant.Limit.ToUsd(), grant.Days, grant.ExpiresAt, grant.Remembered,
            location);
}
