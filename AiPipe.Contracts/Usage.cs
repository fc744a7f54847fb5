namespace AiPipe.Contracts;

/// <summary>What a caller spent and has left: <c>GET /usage</c>. The original AI Pipe's properties come first. Money in USD.</summary>
public sealed record UsageReport
{
    /// <summary>The caller.</summary>
    public required string Email { get; init; }
    /// <summary>The budget's window: how many UTC dates count, today included.</summary>
    public required int Days { get; init; }
    /// <summary>Spent in the window.</summary>
    public required decimal Cost { get; init; }
    /// <summary>By date, oldest first; dates without cost are left out.</summary>
    public required IReadOnlyList<UsageDay> Usage { get; init; }
    /// <summary>The budget's limit.</summary>
    public required decimal Limit { get; init; }
    /// <summary>The same as <see cref="Cost"/>, by the name that it has in <see cref="Scopes"/>.</summary>
    public required decimal Spent { get; init; }
    /// <summary>Reserved by calls in flight.</summary>
    public required decimal Held { get; init; }
    /// <summary>What a call may still use now, unless a limit of its model or provider leaves less.</summary>
    public required decimal Remaining { get; init; }
    /// <summary>Every budget that applies to the caller.</summary>
    public required IReadOnlyList<UsageScope> Scopes { get; init; }
}

/// <summary>One UTC date of <see cref="UsageReport"/>.</summary>
/// <param name="Date">UTC.</param>
/// <param name="Cost">USD.</param>
public sealed record UsageDay(DateOnly Date, decimal Cost);

/// <summary>One budget of <see cref="UsageReport"/>; of a shared budget only the totals. Money in USD.</summary>
public sealed record UsageScope
{
    /// <summary>
    /// <c>user</c>, <c>app</c>, <c>key</c>, <c>model</c>, <c>provider</c>, <c>team</c>, <c>class</c>, <c>domain</c> or
    /// <c>everyone</c>.
    /// </summary>
    public required string Kind { get; init; }
    /// <summary>Which one: the address, the model, the origin.</summary>
    public required string Name { get; init; }
    /// <summary>Other people spend from this budget, too.</summary>
    public required bool Together { get; init; }
    /// <summary>The limit.</summary>
    public required decimal Limit { get; init; }
    /// <summary>Spent in the window.</summary>
    public required decimal Spent { get; init; }
    /// <summary>Reserved by calls in flight.</summary>
    public required decimal Held { get; init; }
    /// <summary>The limit without what is spent and reserved; never below zero.</summary>
    public required decimal Remaining { get; init; }
    /// <summary>The window in UTC days; absent where <see cref="Period"/> is present.</summary>
    public int? Days { get; init; }
    /// <summary><c>month</c>, the calendar month in UTC.</summary>
    public string? Period { get; init; }
    /// <summary>UTC. When a spent budget has room again; otherwise when the oldest spending stops counting.</summary>
    public required DateTime ResetsAt { get; init; }
}

/// <summary>
/// AI Proxy's list of usage: <c>GET /usage</c> with any of <c>skip</c>, <c>limit</c>, <c>month</c>, <c>email</c>, <c>sort</c>.
/// </summary>
/// <param name="Data">One record for each person and UTC date.</param>
public sealed record UsageRecords(IReadOnlyList<UsageRecord> Data);

/// <summary>What a person spent on a UTC date.</summary>
/// <param name="Email">The person.</param>
/// <param name="Date">UTC.</param>
/// <param name="Cost">USD, corrections included.</param>
/// <param name="Requests">Metered calls that went out to a provider.</param>
public sealed record UsageRecord(string Email, DateOnly Date, decimal Cost, long Requests);

/// <summary>What everybody spent: <c>GET /admin/usage</c>.</summary>
/// <param name="Data">By address and date.</param>
public sealed record UsageOfAll(IReadOnlyList<UserDay> Data);

/// <summary>What a person spent on a UTC date.</summary>
/// <param name="Email">The person.</param>
/// <param name="Date">UTC.</param>
/// <param name="Cost">USD.</param>
public sealed record UserDay(string Email, DateOnly Date, decimal Cost);
