
namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>When a call passed its stages, in milliseconds since its arrival; <c>null</c> = it never did.</summary>
internal sealed record Timeline
{
    /// <summary>It was known who calls, where to, what is asked and what that costs.</summary>
    public double? Checked { get; init; }
    /// <summary>Its money was held, and the journal knew of it.</summary>
    public double? Reserved { get; init; }
    /// <summary>A connection to the provider was had and took the request's body; of several attempts, the last.</summary>
    public double? Connected { get; init; }
    /// <summary>The answer began.</summary>
    public double? FirstByte { get; init; }
    /// <summary>The provider had said all.</summary>
    public double? LastByte { get; init; }
    /// <summary>It was about to be written down.</summary>
    public double? Settled { get; init; }

    /// <summary>The stages that were passed, in order.</summary>
    public IEnumerable<(string Stage, double Ms)> Stages()
    {
        if (Checked is { } passed) yield return ("checked", passed);
        if (Reserved is { } reserved) yield return ("reserved", reserved);
        if (Connected is { } connected) yield return ("connected", connected);
        if (FirstByte is { } first) yield return ("first_byte", first);
        if (LastByte is { } last) yield return ("last_byte", last);
        if (Settled is { } settled) yield return ("settled", settled);
    }

    /// <summary>A microsecond is as fine as anybody reads, and keeps the lines of the journal short.</summary>
    public static double? Ms(TimeSpan? after) => after is { } time ? Math.Round(time.TotalMilliseconds, 3) : null;
}
