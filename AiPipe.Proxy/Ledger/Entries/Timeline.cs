
namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>Milliseconds from the arrival of a call to each stage; <c>null</c> = stage not reached.</summary>
internal sealed record Timeline
{
    /// <summary>Caller, target and maximum cost were known.</summary>
    public double? Checked { get; init; }
    public double? Reserved { get; init; }
    /// <summary>A provider connection accepted the request body; the last attempt counts.</summary>
    public double? Connected { get; init; }
    public double? FirstByte { get; init; }
    public double? LastByte { get; init; }
    public double? Settled { get; init; }

    public IEnumerable<(string Stage, double Ms)> Stages()
    {
        if (Checked is { } passed) yield return ("checked", passed);
        if (Reserved is { } reserved) yield return ("reserved", reserved);
        if (Connected is { } connected) yield return ("connected", connected);
        if (FirstByte is { } first) yield return ("first_byte", first);
        if (LastByte is { } last) yield return ("last_byte", last);
        if (Settled is { } settled) yield return ("settled", settled);
    }

    /// <summary>Microseconds are precise enough and keep journal lines short.</summary>
    public static double? Ms(TimeSpan? after) => after is { } time ? Math.Round(time.TotalMilliseconds, 3) : null;
}
