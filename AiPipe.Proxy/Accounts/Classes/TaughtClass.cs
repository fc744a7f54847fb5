using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Accounts.Classes;

internal sealed record TaughtClass
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    /// <summary>The teacher's address.</summary>
    public required string Owner { get; init; }
    /// <summary>See <see cref="Classes.JoinCode"/>; it lets anyone join.</summary>
    public required string JoinCode { get; init; }
    public required DateOnly StartsOn { get; init; }
    public required DateOnly EndsOn { get; init; }
    /// <summary>The budget of each member.</summary>
    public required PicoUsd Limit { get; init; }
    /// <summary>The window in UTC days; <c>null</c> = the calendar month.</summary>
    public int? Days { get; init; }
    /// <summary>Allowed models, as in budgets; empty = all.</summary>
    public required IReadOnlyList<string> Models { get; init; }
    /// <summary>Other models are refused in the time of the class, instead of paid by the member's other budget.</summary>
    public bool OnlyTheseModels { get; init; }
    /// <summary>The budget of all members in the whole time.</summary>
    public PicoUsd? TogetherLimit { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ArchivedAt { get; init; }

    public BudgetWindow Window => Days is { } days ? new BudgetWindow.LastDays(days) : new BudgetWindow.CalendarMonth();

    public bool RunsOn(DateOnly day) => ArchivedAt is null && StartsOn <= day && day <= EndsOn;

    public ClassBudget ToBudget() => new(
        Id, Name, new BudgetWindow.Dates(StartsOn, EndsOn), new Budget(Limit, Window),
            [.. Models.Select(static model => new ModelName(model))], TogetherLimit)
    {
        RefusesOtherModels = OnlyTheseModels,
    };
}

internal sealed record ClassMember
{
    public required Guid ClassId { get; init; }
    public required string Email { get; init; }
    public string? Name { get; init; }
    public required DateTimeOffset JoinedAt { get; init; }
    /// <summary><c>roster</c> or <c>code</c>.</summary>
    public required string How { get; init; }
}
