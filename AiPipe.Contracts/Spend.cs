namespace AiPipe.Contracts;

/// <summary>What was spent on a range of UTC dates, in USD: <c>GET /usage/spend</c> and <c>GET /admin/spend</c>.</summary>
public sealed record SpendReport
{
    /// <summary>The first date.</summary>
    public required DateOnly From { get; init; }
    /// <summary>The last date, included.</summary>
    public required DateOnly To { get; init; }
    /// <summary>In all.</summary>
    public required decimal Cost { get; init; }
    /// <summary>How many calls that is.</summary>
    public required long Calls { get; init; }
    /// <summary>By date, oldest first; dates without calls are left out.</summary>
    public required IReadOnlyList<SpendByDay> Days { get; init; }
    /// <summary>By model, the most expensive first.</summary>
    public required IReadOnlyList<SpendByModel> Models { get; init; }
    /// <summary>By web app, the most expensive first.</summary>
    public required IReadOnlyList<SpendByApp> Apps { get; init; }
    /// <summary>By API key, the most expensive first.</summary>
    public required IReadOnlyList<SpendByKey> Keys { get; init; }
}

/// <summary>What was spent on one date.</summary>
/// <param name="Date">UTC.</param>
/// <param name="Calls">How many calls.</param>
/// <param name="Cost">USD.</param>
public sealed record SpendByDay(DateOnly Date, long Calls, decimal Cost);

/// <summary>What was spent on one model.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Model">The model's name there.</param>
/// <param name="Calls">How many calls.</param>
/// <param name="InputTokens">As reported.</param>
/// <param name="OutputTokens">As reported.</param>
/// <param name="Cost">USD.</param>
public sealed record SpendByModel(string Provider, string? Model, long Calls, decimal InputTokens, decimal OutputTokens, decimal Cost);

/// <summary>What was spent by one web app.</summary>
/// <param name="App">Its origin.</param>
/// <param name="Calls">How many calls.</param>
/// <param name="Cost">USD.</param>
public sealed record SpendByApp(string App, long Calls, decimal Cost);

/// <summary>What was spent with one API key.</summary>
/// <param name="Key">Its id.</param>
/// <param name="Name">The name that its owner gave it.</param>
/// <param name="Calls">How many calls.</param>
/// <param name="Cost">USD.</param>
public sealed record SpendByKey(Guid Key, string? Name, long Calls, decimal Cost);
