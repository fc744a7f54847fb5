using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Money;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Budgets;

/// <summary>What each replica may spend while the shared counters are unavailable.</summary>
/// <param name="Own">From each personal budget or limit.</param>
/// <param name="Together">From each shared limit.</param>
internal readonly record struct OutageLease(PicoUsd Own, PicoUsd Together)
{
    public static readonly OutageLease None;

    /// <summary>A few calls per student; negligible for an operator.</summary>
    public static readonly OutageLease Default = new(PicoUsd.FromUsd(0.05m), PicoUsd.FromUsd(1));

    private const decimal Most = 1000;
    private const string Mend =
        "must be \"refuse\", \"lease\", or { \"Lease\": 0.05, \"Together\": 1 } with numbers of USD above 0 and at most 1000";

    public PicoUsd Of(BudgetScope scope) => scope.IsShared ? Together : Own;

    /// <summary>Reads <c>refuse</c>, <c>lease</c> (default size), or sizes.</summary>
    /// <exception cref="OptionsValidationException">One line with the invalid key and the fix.</exception>
    public static OutageLease Read(IConfigurationSection value)
    {
        if (value.Value is { } word)
        {
            return word.ToUpperInvariant() switch { "REFUSE" => None, "LEASE" => Default, _ => throw value.Wrong(Mend) };
        }
        var lease = Default;
        foreach (var size in value.GetChildren())
        {
            if (size.Key.ToUpperInvariant() is not ("LEASE" or "TOGETHER")) throw value.Wrong(Mend);
            if (BudgetReader.Number(size) is not (> 0 and <= Most and var usd)) throw size.Wrong(
                "must be a number of USD above 0 and at most 1000");
            lease = size.Key.Equals("Lease", StringComparison.OrdinalIgnoreCase)
                ? lease with { Own = PicoUsd.FromUsd(usd) }
                : lease with { Together = PicoUsd.FromUsd(usd) };
        }
        return lease;
    }
}
