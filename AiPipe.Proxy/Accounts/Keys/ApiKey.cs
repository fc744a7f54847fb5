using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Accounts.Keys;

/// <summary>An API key of a person's: a row of <c>api_keys</c>. Rows stay, so that the ledger's keys have names.</summary>
internal sealed record ApiKey
{
    public required Guid Id { get; init; }
    /// <summary>SHA-256 of its text: who reads the table cannot use it.</summary>
    public required byte[] Hash { get; init; }
    /// <summary>Whose budget it spends from; any usable name.</summary>
    public required string User { get; init; }
    public required string Name { get; init; }
    /// <summary>How its text begins.</summary>
    public required string Prefix { get; init; }
    /// <summary>What may be spent with it; <c>null</c> = all that its user may spend.</summary>
    public PicoUsd? Limit { get; init; }
    /// <summary>The limit's window in UTC days; <c>null</c> with a limit = the calendar month.</summary>
    public int? Days { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
    /// <summary>Who made it, if not its user.</summary>
    public string? MadeBy { get; init; }
    /// <summary>By Postgres's clock, since replicas look for the newest.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    public Budget? Budget => BudgetOf(Limit, Days);

    /// <summary>The counter of what was spent with it; <c>null</c> when it has no limit of its own.</summary>
    public BudgetScope? Scope => Budget is { } budget ? BudgetResolver.KeyScope(User, Id, budget) : null;

    public bool IsLivingAt(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);

    public static Budget? BudgetOf(PicoUsd? limit, int? days) => limit is { } usd
        ? new Budget(usd, days is { } count ? new BudgetWindow.LastDays(count) : new BudgetWindow.CalendarMonth())
        : null;

    /// <summary>Who calls with such a key.</summary>
    public static Caller.User CallerOf(Guid id, string user, Budget? budget) =>
        new(user, IsAdmin: false, Allowance: null) { Key = new CallerKey(id, budget) };
}
