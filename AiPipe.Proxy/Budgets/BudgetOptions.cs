using System.Globalization;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Budgets;

/// <summary>
/// Section <c>AiPipe:Budgets</c>: each person's own budget by name (<c>*</c>, <c>@example.com</c>, <c>user@example.com</c>), limits of
/// everybody's spending <c>Together</c>, and the settings of the stage. Whatever is wrong in it stops the start with one line that names
/// the key and the mend.
/// </summary>
internal sealed class BudgetOptions
{
    public const string Section = "AiPipe:Budgets";
    /// <summary>The longest window, in days; also how far back counters remember.</summary>
    public const int MaxDays = 3660;
    /// <summary>USD; sums of pico-USD stay in a <see cref="long"/>.</summary>
    public const decimal MaxLimit = 9_000_000m;

    /// <summary>What everybody has while no budget at all is configured, as in the original: enough to try, too little to hurt.</summary>
    private static readonly OwnBudget Starting = new(new Budget(PicoUsd.FromUsd(0.1m), new BudgetWindow.LastDays(7)), CallLimits.None);

    /// <summary>Each person's own budget by name, whatever its case.</summary>
    public Dictionary<string, OwnBudget> Budgets { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What everybody may spend together.</summary>
    public SharedLimits Together { get; private set; } = SharedLimits.None;

    /// <summary>The share of what remains that a call without a (sensible) output limit holds at most: above 0, at most 1.</summary>
    public decimal HoldShare { get; set; } = 0.5m;

    /// <summary>Section <c>OnCounterOutage</c>.</summary>
    public OutageLease OutageLease { get; private set; } = OutageLease.Default;

    /// <summary>How long money stays held for a replica that gives no sign of life: from a second to ten minutes.</summary>
    public TimeSpan ReplicaTimeout { get; private set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a call waits for the counters that replicas share, before <see cref="OutageLease"/> takes their place: from 10 ms to ten seconds.
    /// </summary>
    public TimeSpan CounterTimeout { get; private set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Takes over what the section says.</summary>
    /// <exception cref="OptionsValidationException">Something in the section is wrong.</exception>
    public void Read(IConfiguration configuration, TeamOptions teams)
    {
        var section = configuration.GetSection(Section);
        if (section.Value is { Length: > 0 }) throw section.Wrong("must be a group of budgets, such as { \"*\": { \"Limit\": 0.1, \"Days\": 7 } }");
        var limits = new LimitReader(configuration);
        foreach (var child in section.GetChildren())
        {
            if (child.Key == "*" || child.Key.Contains('@', StringComparison.Ordinal)) Budgets[child.Key] = ReadOwn(child, limits);
            else if (child.Key.Equals(nameof(HoldShare), StringComparison.OrdinalIgnoreCase)) HoldShare = ReadShare(child);
            else if (child.Key.Equals("OnCounterOutage", StringComparison.OrdinalIgnoreCase)) OutageLease = OutageLease.Read(child);
            else if (child.Key.Equals(nameof(ReplicaTimeout), StringComparison.OrdinalIgnoreCase)) ReplicaTimeout = ReadTime(child, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
            else if (child.Key.Equals(nameof(CounterTimeout), StringComparison.OrdinalIgnoreCase)) CounterTimeout = ReadTime(child, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10));
            else if (child.Key.Equals(nameof(Together), StringComparison.OrdinalIgnoreCase)) Together = SharedLimits.Read(child, limits, teams);
            else if (!RenamedSettings.IsEarlierName(child.Path)) throw child.WrongName("is neither a setting nor the name of a budget: use \"*\", \"@domain\" or an e-mail address");
        }
        // Here and not in appsettings.json: there it would be mixed into the fields of a "*" that somebody configures.
        if (Budgets.Count == 0) Budgets["*"] = Starting;
    }

    private static OwnBudget ReadOwn(IConfigurationSection budget, LimitReader limits)
    {
        foreach (var child in budget.GetChildren())
            if (!BudgetReader.IsField(child) && !LimitReader.IsGroup(child.Key))
                throw child.Wrong("is not known here: a budget has Limit and either Days or Period, and may have limits in Models, Providers and Apps");
        return new OwnBudget(BudgetReader.ReadFields(budget), limits.Read(budget));
    }

    private static decimal ReadShare(IConfigurationSection value) =>
        BudgetReader.Number(value) is > 0 and <= 1 and var share ? share : throw value.Wrong("must be above 0 and at most 1");

    private static TimeSpan ReadTime(IConfigurationSection value, TimeSpan least, TimeSpan most) =>
        TimeSpan.TryParse(value.Value, CultureInfo.InvariantCulture, out var time) && time >= least && time <= most
            ? time
            : throw value.Wrong(string.Create(CultureInfo.InvariantCulture, $"must be a time from {least:g} to {most:g}, written like 0:00:30 or 0:00:00.25"));
}

/// <summary>What each of the people that a name stands for may spend.</summary>
/// <param name="Budget">In all.</param>
/// <param name="Limits">Of that, on parts of it.</param>
internal sealed record OwnBudget(Budget Budget, CallLimits Limits)
{
    /// <summary>The class that pays; <c>null</c> for everything else.</summary>
    public ClassBudget? Class { get; init; }

    /// <summary>What somebody has for whom nothing is configured.</summary>
    public static readonly OwnBudget None = new(Budget.Zero, CallLimits.None);
}
