using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Pricing;

/// <summary>How a cost was computed, one line per kind of unit.</summary>
/// <param name="Version">The price table, or <c>provider</c> if the provider reported the cost.</param>
internal sealed record Receipt(string Version, IReadOnlyList<ReceiptLine> Lines, PicoUsd Cost)
{
    /// <summary>The sum as a formula: <c>1000 × 0.15/M + 500 × 0.6/M</c>.</summary>
    public string Formula => string.Join(" + ", Lines.Select(line => line.ToString()));
}

/// <param name="What"><c>input</c>, <c>cache_read</c>, <c>output</c>, <c>web_search</c> …</param>
internal sealed record ReceiptLine(string What, decimal Count, decimal UsdPerMillion)
{
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{Count} × {UsdPerMillion}/M");
}
