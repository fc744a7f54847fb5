using System.Globalization;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Budgets;

/// <summary>
/// Section <c>AiPipe:Budgets</c>: each person's own budget by name (<c>*</c>, <c>@example.com</c>, <c>user@example.com</c>), shared limits
/// in <c>Together</c>, and settings of the counters. An invalid value stops the start with one line that names the key and the fix.
/// </summary>
internal sealed class BudgetOptions
{
    public const string Section = "AiPipe:Budgets";
    /// <summary>The longest window, in days, and the history of the counters.</summary>
    public const int MaxDays = 3660;
    /// <summary>USD; sums of pico-USD stay within a <see cref="long"/>.</summary>
    public const decimal MaxLimit = 9_000_000m;

    /// <summary>Everyone's budget if none is configured, as in the original: enough to try the service.</summary>
    private static readonly OwnBudget Starting = new(new Budget(PicoUsd.FromUsd(0.1m), new BudgetWindow.LastDays(7)), CallLimits.None);

    /// <summary>Each person's own budget.</summary>
    public ByPerson<OwnBudget> Budgets { get; } = new();

    public SharedLimits Together { get; private set; } = SharedLimits.None;

    /// <summary>The share of the room that a call without a sensible output limit may reserve: above 0, at most 1.</summary>
    public decimal HoldShare { get; set; } = 0.5m;

    /// <summary>Section <c>OnCounterOutage</c>.</summary>
    public OutageLease OutageLease { get; private set; } = OutageLease.Default;

    /// <summary>How long the reservations of a replica without a heartbeat are kept: one second to ten minutes.</summary>
    public TimeSpan ReplicaTimeout { get; private set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a call waits for shared counters before <see cref="OutageLease"/> applies: 10 ms to ten seconds.</summary>
    public TimeSpan CounterTimeout { get; private set; } = TimeSpan.FromMilliseconds(250);

    public void Read(IConfiguration configuration, TeamOptions teams)
    {
        var section = configuration.GetSection(Section);
        if (section.Value is { Length: > 0 }) throw section.Wrong(
            "must be a group of budgets, such as { \"*\": { \"Limit\": 0.1, \"Days\": 7 } }");
        var limits = new LimitReader(configuration);
        foreach (var child in section.GetChildren())
        {
            if (ByPerson.IsName(child.Key)) Budgets[child.Key] = ReadOwn(child, limits);
            else if (child.Key.Equals(nameof(HoldShare), StringComparison.OrdinalIgnoreCase)) HoldShare = ReadShare(child);
            else if (child.Key.Equals("OnCounterOutage", StringComparison.OrdinalIgnoreCase)) OutageLease = OutageLease.Read(child);
            else if (child.Key.Equals(nameof(ReplicaTimeout), StringComparison.OrdinalIgnoreCase)) ReplicaTimeout =
                ReadTime(child, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
            else if (child.Key.Equals(nameof(CounterTimeout), StringComparison.OrdinalIgnoreCase)) CounterTimeout =
                ReadTime(child, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10));
            else if (child.Key.Equals(nameof(Together), StringComparison.OrdinalIgnoreCase)) Together =
                SharedLimits.Read(child, limits, teams);
            else if (!RenamedSettings.IsEarlierName(child.Path)) throw child.WrongName(
                "is neither a setting nor the name of a budget: use \"*\", \"@domain\" or an e-mail address");
        }
        // Not in appsettings.json: there, its fields would be merged with a configured "*".
        if (Budgets.Count == 0) Budgets[ByPerson.Everyone] = Starting;
    }

    private static OwnBudget ReadOwn(IConfigurationSection budget, LimitReader limits)
    {
        foreach (var child in budget.GetChildren())
            if (!BudgetReader.IsField(child) && !LimitReader.IsGroup(child.Key))
                throw child.Wrong("is not known here: a budget has Limit and either Days or Period, and may have limits in Models, "
                    + "Providers and Apps");
        return new OwnBudget(BudgetReader.ReadFields(budget), limits.Read(budget));
    }

    private static decimal ReadShare(IConfigurationSection value) =>
        BudgetReader.Number(value) is > 0 and <= 1 and var share ? share : throw value.Wrong("must be above 0 and at most 1");

    private static TimeSpan ReadTime(IConfigurationSection value, TimeSpan least, TimeSpan most) =>
        TimeSpan.TryParse(value.Value, CultureInfo.InvariantCulture, out var time) && time >= least && time <= most
            ? time
            : throw value.Wrong(string.Create(
                CultureInfo.InvariantCulture, $"must be a time from {least:g} to {most:g}, written like 0:00:30 or 0:00:00.25"));
}

/// <summary>The budget of each person that a name matches.</summary>
/// <param name="Limits">Additional limits on parts of it.</param>
internal sealed record OwnBudget(Budget Budget, CallLimits Limits)
{
    /// <summary>The class that pays; <c>null</c> for all other budgets.</summary>
    public ClassBudget? Class { get; init; }

    public static readonly OwnBudget None = new(Budget.Zero, CallLimits.None);
}
