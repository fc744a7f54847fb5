using System.Globalization;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Usage;

internal static class CallEndpoints
{
    /// <summary>These queries are expensive.</summary>
    private const int PerMinute = 300;
    private const int UsualCount = 50;
    private const int MostAtOnce = 200;
    private const int UsualDays = 30;
    private const int MostDays = 366;

    private const string Limit = "calls";

    public static IHostApplicationBuilder AddUsage(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UsageQueries>().AddScoped<CallQueries>().AddScoped<SpendQueries>().AddEstimates();
        builder.Services.AddPerMinuteLimit(Limit, PerMinute);
        return builder;
    }

    public static IEndpointRouteBuilder MapCalls(this IEndpointRouteBuilder routes)
    {
        Map(routes.MapGroup("/usage").RequireUser(), everybody: false);
        Map(routes.MapGroup("/admin").RequireAdmin(), everybody: true);
        return routes;
    }

    private static void Map(RouteGroupBuilder group, bool everybody)
    {
        var whose = everybody ? "everybody's" : "your";
        group.Guarded(Limit).WithTags("Usage");
        // Without the cast, the compiler would choose the overload for a RequestDelegate, which discards the result.
        Filtered(group.MapGet("/calls", (Delegate)((HttpContext http) => ListAsync(http, everybody))))
            .WithSummary($"List {whose} calls, the newest first")
            .Query("limit", $"At most so many, 1 to {MostAtOnce}; {UsualCount} by default")
            .Query("before", "The next of an earlier response");
        Filtered(group.MapGet("/calls.csv", (HttpContext http) => Csv(http, everybody)))
            .WithSummary($"Download {whose} calls as CSV").Gives(typeof(string), ApiDescriptions.Csv);
        group.MapGet("/calls/{id}", (HttpContext http, string id) => FindAsync(http, id, everybody))
            .WithSummary(everybody ? "Read a call with its receipt" : "Read one of your calls with its receipt");
        Filtered(group.MapGet("/spend", (HttpContext http, TimeProvider clock) => SpendAsync(http, clock, everybody)))
            .WithSummary($"Sum up {whose} spending by date, model, app and key");

        RouteHandlerBuilder Filtered(RouteHandlerBuilder endpoint)
        {
            if (everybody) endpoint.Query("email", "The person");
            return endpoint.Query("from", "The first UTC date, such as 2026-01-31").Query("to", "The last UTC date, included")
                .Query("provider", "The provider's name").Query("model", "The model's name").Query("app", "The web app's origin")
                .Query("key", "The API key's id").Query("outcome", "ok, failed, cut or estimated");
        }
    }

    private static async Task<Results<Ok<CallList>, RefusalResult>> ListAsync(HttpContext http, bool everybody)
    {
        var query = http.Request.Query;
        var (filter, refusal) = CallFilter.Read(query, http.SignedIn(), everybody);
        if (filter is null) return new RefusalResult(refusal!);
        var count = UsualCount;
        if (query["limit"].ToString() is { Length: > 0 } limit
            && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > MostAtOnce))
            return new RefusalResult(Refusal.InvalidRequest($"The parameter \"limit\" must be a number from 1 to {MostAtOnce}.", "limit"));
        CallCursor? after = null;
        if (query["before"].ToString() is { Length: > 0 } before && !CallCursor.TryParse(before, out after))
            return new RefusalResult(
                Refusal.InvalidRequest("The parameter \"before\" must be the \"next\" of an earlier answer.", "before"));

        var rows = await http.QueryWithTimeoutAsync(
            (CallQueries calls, CancellationToken token) => calls.PageAsync(filter, after, count + 1, token));
        var shown = rows.Take(count).Select(row => row.ToContract(everybody)).ToList();
        return TypedResults.Ok(new CallList(shown, rows.Count > count ? rows[count - 1].Cursor.ToString() : null));
    }

    private static Results<CallsCsv, RefusalResult> Csv(HttpContext http, bool everybody)
    {
        var (filter, refusal) = CallFilter.Read(http.Request.Query, http.SignedIn(), everybody);
        return filter is null ? new RefusalResult(refusal!) : new CallsCsv(http, filter, everybody);
    }

    private static async Task<Results<Ok<CallDetails>, RefusalResult>> FindAsync(HttpContext http, string id, bool everybody)
    {
        var filter = everybody ? new CallFilter() : CallFilter.FromCaller(http.SignedIn());
        var entry = Guid.TryParse(id, out var call)
            ? await http.QueryWithTimeoutAsync((CallQueries calls, CancellationToken token) => calls.FindAsync(filter, call, token))
            : null;
        return entry is null
            ? new RefusalResult(Refusal.NotFound(http.Request.Path))
            : TypedResults.Ok(entry.ToContract(everybody));
    }

    private static async Task<Results<Ok<SpendReport>, RefusalResult>> SpendAsync(HttpContext http, TimeProvider clock, bool everybody)
    {
        var (filter, refusal) = CallFilter.Read(http.Request.Query, http.SignedIn(), everybody);
        if (filter is null) return new RefusalResult(refusal!);
        var to = filter.To ?? (filter.From > clock.Today ? filter.From.Value : clock.Today);
        var from = filter.From ?? DateOnly.FromDayNumber(Math.Max(0, to.DayNumber - UsualDays + 1));
        if (to.DayNumber - from.DayNumber >= MostDays)
            return new RefusalResult(Refusal.InvalidRequest($"From \"from\" to \"to\" there may be at most {MostDays} days.", "from"));
        var report = await http.QueryWithTimeoutAsync(
            (SpendQueries spend, CancellationToken token) => spend.ReadAsync(filter, from, to, token));
        return TypedResults.Ok(report);
    }
}
