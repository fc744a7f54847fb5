using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Accounts.Keys;

/// <summary>A person's API key: a row of <c>api_keys</c>. Rows are never deleted, so that the ledger's keys have names.</summary>
internal sealed record ApiKey
{
    public required Guid Id { get; init; }
    /// <summary>SHA-256 of its text: reading the table does not help to use it.</summary>
    public required byte[] Hash { get; init; }
    public required string User { get; init; }
    public required string Name { get; init; }
    public required string Prefix { get; init; }
    /// <summary>The key's own limit; <c>null</c> = none.</summary>
    public PicoUsd? Limit { get; init; }
    /// <summary>The limit's window in UTC days; <c>null</c> with a limit = the calendar month.</summary>
    public int? Days { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
    /// <summary>The creator, if it is not the user.</summary>
    public string? MadeBy { get; init; }
    /// <summary>By Postgres's clock, because replicas poll for newer rows.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    public Budget? Budget => BudgetOf(Limit, Days);

    public BudgetScope? Scope => Budget is { } budget ? BudgetResolver.KeyScope(User, Id, budget) : null;

    public bool IsLivingAt(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);

    public static Budget? BudgetOf(PicoUsd? limit, int? days) => limit is { } usd
        ? new Budget(usd, days is { } count ? new BudgetWindow.LastDays(count) : new BudgetWindow.CalendarMonth())
        : null;

    public static Caller.User CallerOf(Guid id, string user, Budget? budget) =>
        new(user, IsAdmin: false, Allowance: null) { Key = new CallerKey(id, budget) };
}
