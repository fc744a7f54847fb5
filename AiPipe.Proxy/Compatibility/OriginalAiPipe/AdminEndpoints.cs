using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Settings.Audit;
using AiPipe.Proxy.Usage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe;

/// <summary>The admin API of the original AI Pipe.</summary>
internal static class AdminEndpoints
{
    public static IEndpointRouteBuilder MapAdmin(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/admin").RequireAdmin().WithTags("Administration");
        admin.MapGet("/usage", UsageAsync).WithSummary("What all people spent, by address and date");
        admin.MapGet("/token", TokenAsync).WithSummary("Issue a token for yourself or another person");
        admin.MapPost("/cost", SetCostAsync).LimitBody(MaxCorrectionBytes)
            .WithSummary("Set what a person spent on a date").Takes(typeof(CostRequest));
        return routes.MapUnmatched("admin", static http => http.RefuseOthersThanAdminsAsync());
    }

    private static async Task<Ok<UsageOfAll>> UsageAsync(UsageQueries usage, CancellationToken cancellationToken) =>
        TypedResults.Ok(new UsageOfAll(await usage.AllUsageAsync(cancellationToken)));

    private static async Task<Results<Ok<IssuedToken>, RefusalResult>> TokenAsync(HttpContext http, TokenIssuer tokens,
        string? email = null)
    {
        var admin = http.SignedIn().Email;
        email ??= admin;
        if (!Email.IsUsable(email)) return new RefusalResult(
            Refusal.InvalidRequest("The parameter \"email\" is not usable as a user's name.", "email"));
        if (Email.Normalize(email) is var other && other != admin) await AuditAsync(http, "token.issue", other, after: null);
        return TypedResults.Ok(new IssuedToken(tokens.Issue(email)));
    }

    private static async Task<Results<Ok<MessageResponse>, RefusalResult>> SetCostAsync(
        HttpContext http, CostLedger ledger, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!http.Request.HasJsonContentType()) return new RefusalResult(Refusal.UnsupportedMediaType("application/json"));
        CostRequest? correction;
        try
        {
            correction = await http.Request.ReadFromJsonAsync(ContractJson.Default.CostRequest, cancellationToken);
        }
        catch (JsonException e)
        {
            return new RefusalResult(
                Refusal.BadJson($"the field at {e.Path ?? "$"} is missing or of the wrong kind.", JsonBody.ParamOf(e.Path)));
        }
        if (correction is not { Cost: >= 0 and <= MaxCost } || !Email.IsUsable(correction.Email))
        {
            return new RefusalResult(Refusal.InvalidRequest(
                "Give \"email\", \"date\" (YYYY-MM-DD) and \"cost\" (USD, not negative).",
                correction is null ? null : Email.IsUsable(correction.Email) ? "cost" : "email"));
        }
        if (correction.Date < time.Horizon || correction.Date > time.Today)
            return new RefusalResult(
                Refusal.InvalidRequest("The field \"date\" is in the future, or too old for any budget to count it.", "date"));

        // First, so that a change without an audit entry is impossible.
        await AuditAsync(http, "cost.set", Email.Normalize(correction.Email),
            new JsonObject { ["date"] = correction.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), ["cost"] = correction.Cost });
        await ledger.RecordAdjustmentAsync(Email.Normalize(correction.Email), correction.Date, PicoUsd.FromUsd(correction.Cost),
            $"set by {http.SignedIn().Email}", cancellationToken);
        var message = string.Create(CultureInfo.InvariantCulture,
            $"Cost for {correction.Email} on {correction.Date:yyyy-MM-dd} set to {correction.Cost}");
        return TypedResults.Ok(new MessageResponse(message));
    }

    private static Task<bool> AuditAsync(HttpContext http, string action, string subject, JsonNode? after)
    {
        var who = http.SignedIn().Email;
        return http.QueryWithTimeoutAsync(async (AuditLog audit, CancellationToken token) =>
        {
            await audit.WriteAsync(who, action, subject, before: null, after, note: null, token);
            return true;
        });
    }

    private const int MaxCorrectionBytes = 16 << 10;

    /// <summary>USD; far above any real cost, far below the limit of counters.</summary>
    private const decimal MaxCost = 1_000_000;
}
