using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary>A class: a row of <c>classes</c>.</summary>
internal sealed record TaughtClass
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    /// <summary>The teacher's address.</summary>
    public required string Owner { get; init; }
    /// <summary>As <see cref="Classes.JoinCode"/> makes them; whoever knows it may join.</summary>
    public required string JoinCode { get; init; }
    /// <summary>The first UTC date on which it pays.</summary>
    public required DateOnly StartsOn { get; init; }
    /// <summary>The last one.</summary>
    public required DateOnly EndsOn { get; init; }
    /// <summary>What each member may spend …</summary>
    public required PicoUsd Limit { get; init; }
    /// <summary>… in so many UTC days; <c>null</c> = in a calendar month.</summary>
    public int? Days { get; init; }
    /// <summary>What it pays for, as budgets name models; empty = every model.</summary>
    public required IReadOnlyList<string> Models { get; init; }
    /// <summary>What all members may spend from it in all its time.</summary>
    public PicoUsd? TogetherLimit { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ArchivedAt { get; init; }

    public BudgetWindow Window => Days is { } days ? new BudgetWindow.LastDays(days) : new BudgetWindow.CalendarMonth();

    public bool RunsOn(DateOnly day) => ArchivedAt is null && StartsOn <= day && day <= EndsOn;

    /// <summary>As calls are held against it.</summary>
    public ClassBudget ToBudget() => new(
        Id, Name, new BudgetWindow.Dates(StartsOn, EndsOn), new Budget(Limit, Window), [.. Models.Select(static model => new ModelName(model))], TogetherLimit);
}

/// <summary>Somebody in a class: a row of <c>class_members</c>.</summary>
internal sealed record ClassMember
{
    public required Guid ClassId { get; init; }
    /// <summary>In lower case.</summary>
    public required string Email { get; init; }
    /// <summary>As the teacher's list has it.</summary>
    public string? Name { get; init; }
    public required DateTimeOffset JoinedAt { get; init; }
    /// <summary><c>roster</c> or <c>code</c>.</summary>
    public required string How { get; init; }
}
