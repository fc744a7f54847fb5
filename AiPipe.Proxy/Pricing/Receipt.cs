using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Pricing;

/// <summary>How a cost came about: one line per kind of unit, so that anybody can add it up again.</summary>
/// <param name="Version">The price table that was used, or <c>provider</c> where the provider named the cost itself.</param>
/// <param name="Lines">What was billed.</param>
/// <param name="Cost">The sum, exact.</param>
internal sealed record Receipt(string Version, IReadOnlyList<ReceiptLine> Lines, PicoUsd Cost)
{
    /// <summary>The sum as a formula: <c>1000 × 0.15/M + 500 × 0.6/M</c>.</summary>
    public string Formula => string.Join(" + ", Lines.Select(line => line.ToString()));
}

/// <summary>One kind of unit of a receipt.</summary>
/// <param name="What">The kind of unit: <c>input</c>, <c>cache_read</c>, <c>output</c>, <c>web_search</c> …</param>
/// <param name="Count">How many units.</param>
/// <param name="UsdPerMillion">USD for a million of them.</param>
internal sealed record ReceiptLine(string What, decimal Count, decimal UsdPerMillion)
{
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{Count} × {UsdPerMillion}/M");
}
