using System.Globalization;
using AiPipe.Proxy.Journey.Pricing;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Journey.Budgets;

/// <summary>
/// Section <c>AiPipe:Budgets</c>: budgets by name (<c>*</c>, <c>@example.com</c>, <c>user@example.com</c>) beside the settings
/// of the stage. Whatever is wrong in it stops the start with one line that names the key and the mend.
/// </summary>
internal sealed class BudgetOptions
{
    public const string Section = "AiPipe:Budgets";
    /// <summary>The longest window, in days; also how far back counters remember.</summary>
    public const int MaxDays = 3660;
    /// <summary>USD; sums of pico-USD stay in a <see cref="long"/>.</summary>
    public const decimal MaxLimit = 9_000_000m;

    /// <summary>What everybody has while no budget at all is configured, as in the original: enough to try, too little to hurt.</summary>
    private static readonly Budget Starting = new(PicoUsd.FromUsd(0.1m), new BudgetWindow.LastDays(7));

    /// <summary>Budgets by name, whatever its case.</summary>
    public Dictionary<string, Budget> Budgets { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The share of what remains that a call without a (sensible) output limit holds at most: above 0, at most 1.</summary>
    public decimal HoldShare { get; set; } = 0.5m;

    /// <summary>
    /// What each scope may spend on each replica while the counters that replicas share cannot be reached; zero where calls are
    /// refused then. USD 0.05 by default: some calls of a student, nothing that an operator feels.
    /// </summary>
    public PicoUsd OutageLease { get; private set; } = PicoUsd.FromUsd(0.05m);

    /// <summary>How long money stays held for a replica that gives no sign of life: from a second to ten minutes.</summary>
    public TimeSpan ReplicaLife { get; private set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a call waits for the counters that replicas share, before <see cref="OutageLease"/> takes their place: from 10 ms to ten seconds.
    /// </summary>
    public TimeSpan CounterPatience { get; private set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Takes over what the section says.</summary>
    /// <exception cref="OptionsValidationException">Something in the section is wrong.</exception>
    public void Read(IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 }) throw Wrong(section.Path, "must be a group of budgets, such as { \"*\": { \"Limit\": 0.1, \"Days\": 7 } }");
        foreach (var child in section.GetChildren())
        {
            if (child.Key == "*" || child.Key.Contains('@', StringComparison.Ordinal)) Budgets[child.Key] = ReadBudget(child);
            else if (child.Key.Equals(nameof(HoldShare), StringComparison.OrdinalIgnoreCase)) HoldShare = ReadShare(child);
            else if (child.Key.Equals("OnCounterOutage", StringComparison.OrdinalIgnoreCase)) OutageLease = ReadLease(child);
            else if (child.Key.Equals(nameof(ReplicaLife), StringComparison.OrdinalIgnoreCase)) ReplicaLife = ReadTime(child, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
            else if (child.Key.Equals(nameof(CounterPatience), StringComparison.OrdinalIgnoreCase)) CounterPatience = ReadTime(child, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10));
            else throw Wrong(child.Path, "is neither a setting nor the name of a budget: use \"*\", \"@domain\" or an e-mail address");
        }
        // Here and not in appsettings.json: there it would be mixed into the fields of a "*" that somebody configures.
        if (Budgets.Count == 0) Budgets["*"] = Starting;
    }

    private static decimal ReadShare(IConfigurationSection value) =>
        Number(value) is > 0 and <= 1 and var share ? share : throw Wrong(value.Path, "must be above 0 and at most 1");

    // "refuse", "lease" (of the default size), or { "Lease": 0.2 }.
    private PicoUsd ReadLease(IConfigurationSection value)
    {
        const string Mend = "must be \"refuse\", \"lease\", or { \"Lease\": 0.05 } with a number of USD above 0 and at most 1000";
        if (value.Value is { } word)
        {
            return word.ToUpperInvariant() switch { "REFUSE" => PicoUsd.Zero, "LEASE" => OutageLease, _ => throw Wrong(value.Path, Mend) };
        }
        return value.GetChildren().ToList() is [var lease] && lease.Key.Equals("Lease", StringComparison.OrdinalIgnoreCase) && Number(lease) is > 0 and <= 1000 and var usd
            ? PicoUsd.FromUsd(usd)
            : throw Wrong(value.Path, Mend);
    }

    private static TimeSpan ReadTime(IConfigurationSection value, TimeSpan least, TimeSpan most) =>
        TimeSpan.TryParse(value.Value, CultureInfo.InvariantCulture, out var time) && time >= least && time <= most
            ? time
            : throw Wrong(value.Path, $"must be a time from {least:g} to {most:g}, written like 0:00:30 or 0:00:00.25");

    private static Budget ReadBudget(IConfigurationSection budget)
    {
        foreach (var child in budget.GetChildren())
            if (child.Key.ToUpperInvariant() is not ("LIMIT" or "DAYS" or "PERIOD"))
                throw Wrong(child.Path, "is not known here: a budget has Limit and either Days or Period");
        var limit = budget.GetSection("Limit");
        if (limit.Value is null) throw Wrong(limit.Path, "is missing: give the limit in USD, such as 0.1");
        if (Number(limit) is not (>= 0 and <= MaxLimit and var usd))
            throw Wrong(limit.Path, "must be a number of USD from 0 to 9000000, such as 0.1");
        return new Budget(PicoUsd.FromUsd(usd), ReadWindow(budget));
    }

    private static BudgetWindow ReadWindow(IConfigurationSection budget)
    {
        var (days, period) = (budget.GetSection("Days"), budget.GetSection("Period"));
        if (days.Value is not null && period.Value is not null) throw Wrong(budget.Path, "has both Days and Period: keep one of them");
        if (days.Value is null && period.Value is null) throw Wrong(budget.Path, "has no window: give Days, such as 7, or Period, \"month\"");
        if (period.Value is not null)
        {
            return period.Value.Equals("month", StringComparison.OrdinalIgnoreCase)
                ? new BudgetWindow.CalendarMonth()
                : throw Wrong(period.Path, "must be \"month\", the only period there is; or give Days instead");
        }
        return int.TryParse(days.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= MaxDays
            ? new BudgetWindow.LastDays(count)
            : throw Wrong(days.Path, "must be a whole number from 1 to 3660");
    }

    private static decimal? Number(IConfigurationSection value) =>
        decimal.TryParse(value.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static OptionsValidationException Wrong(string key, string mend) =>
        new(Section, typeof(BudgetOptions), [$"{key} {mend}."]);
}
