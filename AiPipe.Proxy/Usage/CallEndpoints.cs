using System.Globalization;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;

namespace AiPipe.Proxy.Usage;

/// <summary>One's own calls, their receipts and what they add up to: below <c>/usage</c>; everybody's, for admins, below <c>/admin</c>.</summary>
internal static class CallEndpoints
{
    /// <summary>Each of these asks Postgres for a lot.</summary>
    private const int PerMinute = 300;
    private const int UsualCount = 50;
    private const int MostAtOnce = 200;
    private const int UsualDays = 30;
    private const int MostDays = 366;

    private const string Limit = "calls";

    private static readonly string[] Paths = ["/calls", "/calls.csv", "/calls/{id}", "/spend"];

    public static IHostApplicationBuilder AddCalls(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<CallQueries>().AddScoped<SpendQueries>();
        builder.Services.AddPerMinuteLimit(Limit, PerMinute);
        return builder;
    }

    public static IEndpointRouteBuilder MapCalls(this IEndpointRouteBuilder routes)
    {
        Map(routes.MapGroup("/usage").RequireUser(), everybody: false);
        Map(routes.MapGroup("/admin").RequireAdmin(), everybody: true);
        foreach (var path in Paths)
        {
            routes.Map("/usage" + path, static (HttpContext http) => new RefusalResult(Refusal.MethodNotAllowed($"GET {http.Request.Path}")));
            routes.Map("/admin" + path, static (HttpContext http) => new RefusalResult(Refusal.MethodNotAllowed($"GET {http.Request.Path}")));
        }
        return routes;
    }

    private static void Map(RouteGroupBuilder group, bool everybody)
    {
        group.Guarded(Limit);
        // Without the cast, the compiler would choose the overload for a RequestDelegate, which discards the result.
        group.MapGet("/calls", (Delegate)((HttpContext http) => ListAsync(http, everybody)));
        group.MapGet("/calls.csv", (HttpContext http) => Csv(http, everybody));
        group.MapGet("/calls/{id}", (HttpContext http, string id) => FindAsync(http, id, everybody));
        group.MapGet("/spend", (HttpContext http, TimeProvider clock) => SpendAsync(http, clock, everybody));
    }

    private static async Task<IResult> ListAsync(HttpContext http, bool everybody)
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
            return new RefusalResult(Refusal.InvalidRequest("The parameter \"before\" must be the \"next\" of an earlier answer.", "before"));

        // One more than shown tells whether there are more.
        var rows = await http.AskAsync((CallQueries calls, CancellationToken token) => calls.PageAsync(filter, after, count + 1, token));
        var shown = rows.Take(count).Select(row => row.ToContract(everybody)).ToList();
        return Results.Json(new CallList(shown, rows.Count > count ? rows[count - 1].Cursor.ToString() : null), ContractJson.Indented.CallList);
    }

    private static IResult Csv(HttpContext http, bool everybody)
    {
        var (filter, refusal) = CallFilter.Read(http.Request.Query, http.SignedIn(), everybody);
        return filter is null ? new RefusalResult(refusal!) : new CallsCsv(http, filter, everybody);
    }

    private static async Task<IResult> FindAsync(HttpContext http, string id, bool everybody)
    {
        var filter = everybody ? new CallFilter() : CallFilter.Of(http.SignedIn());
        var entry = Guid.TryParse(id, out var call)
            ? await http.AskAsync((CallQueries calls, CancellationToken token) => calls.FindAsync(filter, call, token))
            : null;
        return entry is null
            ? new RefusalResult(Refusal.NotFound(http.Request.Path))
            : Results.Json(entry.ToContract(everybody), ContractJson.Indented.CallDetails);
    }

    private static async Task<IResult> SpendAsync(HttpContext http, TimeProvider clock, bool everybody)
    {
        var (filter, refusal) = CallFilter.Read(http.Request.Query, http.SignedIn(), everybody);
        if (filter is null) return new RefusalResult(refusal!);
        var to = filter.To ?? (filter.From > clock.Today ? filter.From.Value : clock.Today);
        var from = filter.From ?? DateOnly.FromDayNumber(Math.Max(0, to.DayNumber - UsualDays + 1));
        if (to.DayNumber - from.DayNumber >= MostDays)
            return new RefusalResult(Refusal.InvalidRequest($"From \"from\" to \"to\" there may be at most {MostDays} days.", "from"));
        var report = await http.AskAsync((SpendQueries spend, CancellationToken token) => spend.ReadAsync(filter, from, to, token));
        return Results.Json(report, ContractJson.Indented.SpendReport);
    }
}
