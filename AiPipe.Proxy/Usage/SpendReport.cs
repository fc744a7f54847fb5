namespace AiPipe.Proxy.Usage;

/// <summary>What was spent on some UTC dates, in USD: in all, by date (oldest first), and by what it went to (the dearest first).</summary>
internal sealed record SpendReport
{
    /// <summary>How many models, apps and keys are told of at most: callers choose some of these names.</summary>
    private const int MostListed = 500;

    public required DateOnly From { get; init; }
    /// <summary>Included.</summary>
    public required DateOnly To { get; init; }
    public required decimal Cost { get; init; }
    public required long Calls { get; init; }
    public required IReadOnlyList<SpendOfDay> Days { get; init; }
    public required IReadOnlyList<SpendOnModel> Models { get; init; }
    public required IReadOnlyList<SpendOfApp> Apps { get; init; }
    public required IReadOnlyList<SpendOfKey> Keys { get; init; }

    public static SpendReport Of(DateOnly from, DateOnly to, IReadOnlyList<SpendSum> sums)
    {
        var total = sums.SingleOrDefault(sum => sum.Of == SpendPart.Total);
        return new SpendReport
        {
            From = from,
            To = to,
            Cost = total?.Cost ?? 0,
            Calls = total?.Calls ?? 0,
            Days = [.. sums.Where(sum => sum.Of == SpendPart.Day).OrderBy(sum => sum.Day).Select(sum => new SpendOfDay(sum.Day!.Value, sum.Calls, sum.Cost))],
            Models = [.. Dearest(SpendPart.Model).Select(sum => new SpendOnModel(sum.Provider!, sum.Model, sum.Calls, sum.Input, sum.Output, sum.Cost))],
            Apps = [.. Dearest(SpendPart.App).Select(sum => new SpendOfApp(sum.App!, sum.Calls, sum.Cost))],
            Keys = [.. Dearest(SpendPart.Key).Select(sum => new SpendOfKey(sum.Key!.Value, sum.KeyName, sum.Calls, sum.Cost))],
        };

        IEnumerable<SpendSum> Dearest(SpendPart part) => sums.Where(sum => sum.Of == part).OrderByDescending(sum => sum.Cost).Take(MostListed);
    }
}

internal sealed record SpendOfDay(DateOnly Date, long Calls, decimal Cost);

internal sealed record SpendOnModel(string Provider, string? Model, long Calls, decimal InputTokens, decimal OutputTokens, decimal Cost);

internal sealed record SpendOfApp(string App, long Calls, decimal Cost);

/// <summary>What was spent with an API key.</summary>
/// <param name="Key">Its id.</param>
/// <param name="Name">The name that its owner gave it.</param>
/// <param name="Calls">With it.</param>
/// <param name="Cost">Of them.</param>
internal sealed record SpendOfKey(Guid Key, string? Name, long Calls, decimal Cost);

/// <summary>What a sum is over.</summary>
internal enum SpendPart { Total, Day, Model, App, Key }

/// <summary>One sum, as Postgres makes it.</summary>
internal sealed record SpendSum(
    SpendPart Of, DateOnly? Day, string? Provider, string? Model, string? App, Guid? Key, string? KeyName, decimal Cost, long Calls, decimal Input, decimal Output);
