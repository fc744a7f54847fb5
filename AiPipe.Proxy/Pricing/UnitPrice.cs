namespace AiPipe.Proxy.Pricing;

/// <summary>What a call costs that is billed by the piece.</summary>
/// <param name="What"><c>images</c> or <c>characters</c>, as in the receipt.</param>
/// <param name="Count">The most that the request can cause.</param>
internal sealed record UnitPrice(string What, long Count, decimal UsdPerMillion)
{
    public decimal Usd => Count * UsdPerMillion / 1_000_000;
}
