using System.Text.Json.Serialization;
using AiPipe.Proxy.Budgets;

namespace AiPipe.Proxy.Usage;

/// <summary>The answer of <c>/usage</c>: the original's fields, then ours. Money in USD.</summary>
internal sealed record UsageAnswer
{
    public required string Email { get; init; }
    /// <summary>How many UTC dates count today.</summary>
    public required int Days { get; init; }
    /// <summary>Spent on those dates.</summary>
    public required decimal Cost { get; init; }
    /// <summary>By date, oldest first; dates without cost are left out.</summary>
    public required IReadOnlyList<UsageDay> Usage { get; init; }
    public required decimal Limit { get; init; }
    /// <summary>The same as <see cref="Cost"/>, by the name that it has in <see cref="Scopes"/>.</summary>
    public required decimal Spent { get; init; }
    /// <summary>Held by calls in flight.</summary>
    public required decimal Held { get; init; }
    /// <summary>What a call may still use now, unless a limit of its model or provider leaves less.</summary>
    public required decimal Remaining { get; init; }
    /// <summary>Every budget that concerns the caller.</summary>
    public required IReadOnlyList<UsageScope> Scopes { get; init; }

    /// <summary>Makes the answer.</summary>
    /// <param name="email">Whose.</param>
    /// <param name="shown">The budget that the first fields tell of.</param>
    /// <param name="holding">Those that hold for every call of the caller.</param>
    /// <param name="partial">Those that hold for some calls.</param>
    public static UsageAnswer Of(string email, ScopeSpend shown, IReadOnlyList<ScopeSpend> holding, IReadOnlyList<ScopeSpend> partial) => new()
    {
        Email = email,
        Days = shown.Scope.Budget.Window.DaysOn(shown.Today),
        Cost = shown.Spent.ToUsd(),
        Usage = [.. shown.Days.Select(day => new UsageDay(day.Day, day.Cost.ToUsd()))],
        Limit = shown.Limit.ToUsd(),
        Spent = shown.Spent.ToUsd(),
        Held = shown.Held.ToUsd(),
        Remaining = holding.Min(UsageScope.RemainingOf),
        Scopes = [.. holding.Concat(partial).Select(UsageScope.Of)],
    };
}

/// <summary>One UTC date of <see cref="UsageAnswer"/>.</summary>
internal sealed record UsageDay(DateOnly Date, decimal Cost);

/// <summary>One budget of <see cref="UsageAnswer"/>: of a shared one only the totals. Money in USD.</summary>
internal sealed record UsageScope
{
    /// <summary><c>user</c>, <c>app</c>, <c>key</c>, <c>model</c>, <c>provider</c>, <c>team</c>, <c>domain</c> or <c>everyone</c>.</summary>
    public required string Kind { get; init; }
    /// <summary>Which one of them: the address, the model, the origin …</summary>
    public required string Name { get; init; }
    /// <summary>Others spend from it, too.</summary>
    public required bool Together { get; init; }
    public required decimal Limit { get; init; }
    public required decimal Spent { get; init; }
    /// <summary>Held by calls in flight.</summary>
    public required decimal Held { get; init; }
    public required decimal Remaining { get; init; }
    /// <summary>Its window in UTC days, or …</summary>
    public int? Days { get; init; }
    /// <summary>… <c>month</c>.</summary>
    public string? Period { get; init; }
    /// <summary>When it has room again, if it is spent; else when something that was spent stops counting.</summary>
    [JsonPropertyName("resets_at")]
    public required DateTime ResetsAt { get; init; }

    public static UsageScope Of(ScopeSpend spend) => new()
    {
        Kind = spend.Scope.Kind,
        Name = spend.Scope.Name,
        Together = spend.Scope.IsTogether,
        Limit = spend.Limit.ToUsd(),
        Spent = spend.Spent.ToUsd(),
        Held = spend.Held.ToUsd(),
        Remaining = RemainingOf(spend),
        Days = (spend.Scope.Budget.Window as BudgetWindow.LastDays)?.Days,
        Period = spend.Scope.Budget.Window is BudgetWindow.CalendarMonth ? "month" : null,
        ResetsAt = spend.ResetsOn().ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc),
    };

    /// <summary>What a scope leaves, in USD; never below zero.</summary>
    public static decimal RemainingOf(ScopeSpend spend) => Math.Max(0, spend.Limit.ToUsd() - spend.Spent.ToUsd() - spend.Held.ToUsd());
}

[JsonSerializable(typeof(UsageAnswer))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
internal sealed partial class UsageJson : JsonSerializerContext;
