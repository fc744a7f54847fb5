using System.Globalization;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>How much a web app may spend, and how long.</summary>
/// <param name="Limit">USD.</param>
/// <param name="Days">Over so many UTC dates, today included.</param>
/// <param name="ExpiresInDays">Until then.</param>
internal sealed record GrantTerms(decimal Limit, int Days, int ExpiresInDays)
{
    public const int MaxDays = 365;

    private const int UsualDays = 7;
    private const int UsualLife = 30;

    /// <summary>What is proposed when an app asks for nothing in particular: a tenth of what the person has.</summary>
    private const decimal UsualShare = 0.1m;

    /// <summary>What to show a person, whatever an app asks for: within what they have.</summary>
    public static GrantTerms Propose(Budget own, decimal? limit, int? days)
    {
        var most = own.Limit.ToUsd();
        return new GrantTerms(Math.Clamp(limit ?? most * UsualShare, 0, most), Math.Clamp(days ?? UsualDays, 1, MaxDays), UsualLife);
    }

    /// <summary>What a person agreed to.</summary>
    public static (GrantTerms? Terms, Refusal? Refusal) Read(Budget own, decimal? limit, int? days, int? expiresInDays)
    {
        var most = own.Limit.ToUsd();
        if (limit < 0 || limit > most)
            return (null, Refusal.InvalidRequest(string.Create(CultureInfo.InvariantCulture, $"The field \"limit\" must be from 0 to {most} USD, the person's own budget."), "limit"));
        if (days is < 1 or > MaxDays || expiresInDays is < 1 or > MaxDays)
            return (null, Refusal.InvalidRequest(string.Create(CultureInfo.InvariantCulture, $"The fields \"days\" and \"expires_in_days\" must be from 1 to {MaxDays}."), days is < 1 or > MaxDays ? "days" : "expires_in_days"));
        return (Propose(own, limit, days) with { ExpiresInDays = expiresInDays ?? UsualLife }, null);
    }

    public PicoUsd LimitInPico => PicoUsd.FromUsd(Limit);
}
