using System.Globalization;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>What a web app may spend, and for how long.</summary>
/// <param name="Limit">USD.</param>
/// <param name="Days">The window in UTC dates, today included.</param>
internal sealed record GrantTerms(decimal Limit, int Days, int ExpiresInDays)
{
    public const int MaxDays = 365;

    private const int UsualDays = 7;
    private const int UsualLife = 30;

    /// <summary>The default proposal, as a part of the person's budget.</summary>
    private const decimal UsualShare = 0.1m;

    public static GrantTerms Propose(Budget own, decimal? limit, int? days)
    {
        var most = own.Limit.ToUsd();
        return new GrantTerms(Math.Clamp(limit ?? most * UsualShare, 0, most), Math.Clamp(days ?? UsualDays, 1, MaxDays), UsualLife);
    }

    public static (GrantTerms? Terms, Refusal? Refusal) Read(Budget own, decimal? limit, int? days, int? expiresInDays)
    {
        var most = own.Limit.ToUsd();
        if (limit < 0 || limit > most)
            return (null, Refusal.InvalidRequest(
                string.Create(CultureInfo.InvariantCulture, $"The field \"limit\" must be from 0 to {most} USD, the person's own budget."),
                "limit"));
        if (days is < 1 or > MaxDays || expiresInDays is < 1 or > MaxDays)
            return (null, Refusal.InvalidRequest(
                string.Create(CultureInfo.InvariantCulture, $"The fields \"days\" and \"expires_in_days\" must be from 1 to {MaxDays}."),
                days is < 1 or > MaxDays ? "days" : "expires_in_days"));
        return (Propose(own, limit, days) with { ExpiresInDays = expiresInDays ?? UsualLife }, null);
    }

    public PicoUsd LimitInPico => PicoUsd.FromUsd(Limit);
}
