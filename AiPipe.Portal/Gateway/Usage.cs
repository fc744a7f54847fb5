using System.Globalization;

namespace AiPipe.Portal.Gateway;

/// <summary>What a person may spend, spent, holds and has left, in USD: <c>GET /usage</c>.</summary>
public sealed record Usage(
    string Email, int Days, decimal Limit, decimal Spent, decimal Held, decimal Remaining, IReadOnlyList<UsageScope> Scopes);

/// <summary>One budget that concerns the person.</summary>
/// <param name="Kind"><c>user</c>, <c>app</c>, <c>model</c>, <c>provider</c>, <c>team</c>, <c>class</c>, <c>key</c>, <c>domain</c> or <c>everyone</c>.</param>
/// <param name="Name">Which one of them.</param>
/// <param name="Together">Others spend from it, too.</param>
/// <param name="Limit">USD.</param>
/// <param name="Spent">USD.</param>
/// <param name="Held">USD, by calls in flight.</param>
/// <param name="Remaining">USD.</param>
/// <param name="Days">Its window in UTC days, or …</param>
/// <param name="Period">… <c>month</c>.</param>
/// <param name="ResetsAt">When something that was spent stops counting.</param>
public sealed record UsageScope(
    string Kind, string Name, bool Together, decimal Limit, decimal Spent, decimal Held, decimal Remaining, int? Days, string? Period, DateTime ResetsAt)
{
    /// <summary>Such as "in 7 days" or "a month".</summary>
    public string Window => Period is { } period ? $"per {period}" : Days == 1 ? "today" : string.Create(CultureInfo.InvariantCulture, $"in {Days} days");
}

/// <summary>What was spent in a range of dates, from several sides: <c>GET /usage/spend</c>. Money in USD.</summary>
public sealed record Spend(
    DateOnly From, DateOnly To, decimal Cost, long Calls, IReadOnlyList<SpendDay> Days, IReadOnlyList<SpendModel> Models, IReadOnlyList<SpendApp> Apps, IReadOnlyList<SpendKey> Keys);

public sealed record SpendDay(DateOnly Date, long Calls, decimal Cost);

public sealed record SpendModel(string? Provider, string? Model, long Calls, long InputTokens, long OutputTokens, decimal Cost);

public sealed record SpendApp(string? App, long Calls, decimal Cost);

public sealed record SpendKey(Guid? Key, string? Name, long Calls, decimal Cost);

internal static class UsageApi
{
    public static Task<Usage> GetUsageAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/usage", GatewayJson.Default.Usage, cancellationToken);

    /// <summary>One's own spending; for admins everybody's, or one person's.</summary>
    public static Task<Spend> GetSpendAsync(this GatewayClient gateway, CallFilter filter, bool allUsers, CancellationToken cancellationToken) =>
        gateway.GetAsync((allUsers ? "/admin/spend" : "/usage/spend") + filter.Query, GatewayJson.Default.Spend, cancellationToken);
}
