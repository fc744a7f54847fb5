using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Money;

/// <summary>
/// An amount in whole pico-USD (10⁻¹² USD), so that sums, reservations and comparisons never round: a token at one USD per million costs
/// 1,000,000. The range is about ±9.2 million USD; overflow throws <see cref="OverflowException"/>.
/// </summary>
[JsonConverter(typeof(PicoUsdConverter))]
internal readonly record struct PicoUsd(long Value) : IComparable<PicoUsd>
{
    public const decimal PerUsd = 1_000_000_000_000m;

    private const byte Decimals = 12;

    public static readonly PicoUsd Zero;

    /// <summary>Rounds up, so that no amount owed is lost.</summary>
    public static PicoUsd FromUsd(decimal usd) => new((long)decimal.Ceiling(usd * PerUsd));

    /// <summary>Clamps a sum that corrections made too large: it must block a budget, not throw.</summary>
    public static PicoUsd Saturate(Int128 pico) => new((long)Int128.Clamp(pico, long.MinValue, long.MaxValue));

    /// <summary>USD without trailing zeros.</summary>
    public decimal ToUsd()
    {
        var (digits, decimals) = (Value < 0 ? unchecked((ulong)-Value) : (ulong)Value, Decimals);
        for (; decimals > 0 && digits % 10 == 0; decimals--) digits /= 10;
        return new decimal((int)digits, (int)(digits >> 32), hi: 0, isNegative: Value < 0, decimals);
    }

    public int CompareTo(PicoUsd other) => Value.CompareTo(other.Value);

    public static PicoUsd Min(PicoUsd a, PicoUsd b) => a <= b ? a : b;
    public static PicoUsd Max(PicoUsd a, PicoUsd b) => a >= b ? a : b;

    public static PicoUsd operator +(PicoUsd a, PicoUsd b) => new(checked(a.Value + b.Value));
    public static PicoUsd operator -(PicoUsd a, PicoUsd b) => new(checked(a.Value - b.Value));
    public static PicoUsd operator *(PicoUsd a, long times) => new(checked(a.Value * times));
    public static bool operator <(PicoUsd a, PicoUsd b) => a.Value < b.Value;
    public static bool operator >(PicoUsd a, PicoUsd b) => a.Value > b.Value;
    public static bool operator <=(PicoUsd a, PicoUsd b) => a.Value <= b.Value;
    public static bool operator >=(PicoUsd a, PicoUsd b) => a.Value >= b.Value;
}
