using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary><c>POST /login/token</c>: a page of any origin exchanges its code for its token (RFC 6749 §4.1.3).</summary>
internal static class ExchangeEndpoint
{
    public static IEndpointRouteBuilder MapExchange(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/login/token", ExchangeAsync).Guarded(AppsSetup.Limit).ForEverybody().WithTags("Web apps")
            .WithSummary("Exchange a code for a token").WithDescription("RFC 6749 §4.1.3 with RFC 7636.")
            .Takes(typeof(CodeExchangeRequest), ApiDescriptions.Json, ApiDescriptions.Form);
        return routes;
    }

    private static async Task<Results<Ok<CodeExchangeResponse>, RefusalResult>> ExchangeAsync(
        HttpContext http, AppTokens tokens, OwnOrigins own, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (request, wrong) = http.Request.HasJsonContentType()
            ? await http.Request.ReadAsync(ContractJson.Default.CodeExchangeRequest, cancellationToken)
            : await ReadFormAsync(http.Request, cancellationToken);
        if (request is null) return new RefusalResult(wrong!);
        if (request.GrantType != "authorization_code") return new RefusalResult(Refusal.UnsupportedGrantType());

        var redirect = RedirectAddress.Read(request.RedirectUri, own.Of(http.Request), out _)?.Text;
        var origin = http.Request.Headers.Origin.ToString();
        var (grant, refusal) = await http.QueryWithTimeoutAsync(
            (AppCodes codes, CancellationToken token) => codes.RedeemAsync(request, redirect, origin, token));
        if (grant is null) return new RefusalResult(refusal!);
        var appToken = tokens.Of(grant);
        var life = grant.ExpiresAt.ToUnixTimeSeconds() - clock.GetUtcNow().ToUnixTimeSeconds();
        return TypedResults.Ok(new CodeExchangeResponse(appToken, "Bearer", life, grant.User, appToken));
    }

    private static async Task<(CodeExchangeRequest? Request, Refusal? Refusal)> ReadFormAsync(
        HttpRequest request, CancellationToken cancellationToken)
    {
        var (field, wrong) = await request.ReadFieldsAsync(cancellationToken);
        return field is null
            ? (null, wrong)
            : (new CodeExchangeRequest(field("grant_type"), field("code"), field("redirect_uri"), field("code_verifier")), null);
    }
}
