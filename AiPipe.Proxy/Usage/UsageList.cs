using System.Globalization;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Primitives;

namespace AiPipe.Proxy.Usage;

/// <summary>Which part of AI Proxy's list of usage is asked for: the parameters of <c>/usage</c>. A record is one person's UTC day.</summary>
/// <param name="Scope">The one counter that is asked about; <c>null</c> = every person's.</param>
/// <param name="Month">The first day of the month that is asked for; <c>null</c> = of all.</param>
/// <param name="Sort">By what, descending.</param>
/// <param name="Skip">How many records are passed over.</param>
/// <param name="Limit">How many follow at most.</param>
internal sealed record UsageList(string? Scope, DateOnly? Month, UsageSort Sort, int Skip, int Limit)
{
    private const int UsualLimit = 1000;
    private const int MostLimit = 10_000;
    private static readonly string[] Parameters = ["skip", "limit", "month", "email", "sort"];

    /// <summary>Without any of them, <c>/usage</c> is AI Pipe's.</summary>
    public static bool IsAskedFor(IQueryCollection query) => Array.Exists(Parameters, query.ContainsKey);

    /// <summary>Reads the parameters. People see what is theirs, apps what is theirs of it, admins everybody's.</summary>
    /// <param name="query">The request's.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="own">The counter of what is theirs.</param>
    public static (UsageList? List, Refusal? Refusal) Read(IQueryCollection query, Caller.User user, string own)
    {
        var (skip, limit, month, email) = (0, UsualLimit, (DateOnly?)null, Text(query["email"]) is { } name ? Email.Normalize(name) : null);
        if (Text(query["skip"]) is { } skipped && !TryCount(skipped, out skip))
            return (null, Refusal.InvalidRequest("The parameter \"skip\" must be a whole number, not negative.", "skip"));
        if (Text(query["limit"]) is { } most && (!TryCount(most, out limit) || limit is < 1 or > MostLimit))
            return (null, Refusal.InvalidRequest($"The parameter \"limit\" must be a whole number from 1 to {MostLimit}.", "limit"));
        if (Text(query["month"]) is { } said && (month = FirstOf(said)) is null)
            return (null, Refusal.InvalidRequest("The parameter \"month\" must be a month, such as 2026-11.", "month"));
        if (SortBy(Text(query["sort"])) is not { } sort)
            return (null, Refusal.InvalidRequest("The parameter \"sort\" must be date, email, cost or requests.", "sort"));
        if (email is not null && !user.IsAdmin && email != user.Email) return (null, Refusal.AdminOnly());
        var scope = !user.IsAdmin ? own : email is null ? null : BudgetScope.UserKey(email);
        return (new UsageList(scope, month, sort, skip, limit), null);
    }

    /// <summary>What is there twice is neither of the two, and is refused like any other wrong value; forms send empty fields.</summary>
    private static string? Text(StringValues values) => StringValues.IsNullOrEmpty(values) ? null : values.ToString().Trim() is { Length: > 0 } text ? text : null;

    /// <summary>There are never as many records as an <see cref="int"/> counts: who skips more gets none.</summary>
    private static bool TryCount(string text, out int count)
    {
        count = int.MaxValue;
        return text.All(char.IsAsciiDigit) && (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) || (count = int.MaxValue) > 0);
    }

    private static UsageSort? SortBy(string? field) => field?.ToUpperInvariant() switch
    {
        null or "DATE" => UsageSort.Date,
        "EMAIL" => UsageSort.Email,
        "COST" => UsageSort.Cost,
        "REQUESTS" => UsageSort.Requests,
        _ => null,
    };

    private static DateOnly? FirstOf(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) ? first : null;
}

/// <summary>What records are sorted by.</summary>
internal enum UsageSort
{
    Date,
    Email,
    Cost,
    Requests,
}
