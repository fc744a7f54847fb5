using System.Globalization;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Primitives;

namespace AiPipe.Proxy.Usage;

/// <summary>The parameters of AI Proxy's usage list on <c>/usage</c>. A record is one person's UTC day.</summary>
/// <param name="Scope"><c>null</c> = every person's.</param>
/// <param name="Month">The first day of the month; <c>null</c> = all.</param>
internal sealed record UsageList(string? Scope, DateOnly? Month, UsageSort Sort, int Skip, int Limit)
{
    private const int UsualLimit = 1000;
    private const int MostLimit = 10_000;
    private static readonly string[] Parameters = ["skip", "limit", "month", "email", "sort"];

    /// <summary>Without any of these parameters, <c>/usage</c> is AI Pipe's.</summary>
    public static bool IsAskedFor(IQueryCollection query) => Array.Exists(Parameters, query.ContainsKey);

    /// <summary>Reads the parameters. People see their own usage, apps their part of it, administrators everyone's.</summary>
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

    /// <summary>A repeated parameter is refused as ambiguous; forms send empty fields.</summary>
    private static string? Text(StringValues values) =>
        StringValues.IsNullOrEmpty(values) ? null : values.ToString().Trim() is { Length: > 0 } text ? text : null;

    /// <summary>A number above <see cref="int.MaxValue"/> skips all records.</summary>
    private static bool TryCount(string text, out int count)
    {
        count = int.MaxValue;
        return text.All(char.IsAsciiDigit)
            && (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) || (count = int.MaxValue) > 0);
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

internal enum UsageSort
{
    Date,
    Email,
    Cost,
    Requests,
}
