using AiPipe.Proxy.Money;


namespace AiPipe.Proxy.Pricing;

/// <summary>The maximum cost of a call, split so that its output limit can be lowered to fit the remaining budget.</summary>
/// <param name="Input">The maximum cost of everything that does not depend on the output's length.</param>
/// <param name="PerOutputToken">The price of the most expensive output token, times the choices (<c>n</c>).</param>
/// <param name="StatedOutput">The output limit in the request, in tokens per choice; <c>null</c> = none.</param>
/// <param name="ModelOutput">The model's output limit; <c>null</c> = unknown.</param>
/// <param name="CanLimit">False if the output has no length, as for embeddings.</param>
internal readonly record struct CostBound(
    PicoUsd Input, PicoUsd PerOutputToken, long? StatedOutput, long? ModelOutput, bool CanLimit)
{
    public PicoUsd With(long outputTokens) => Input + PerOutputToken * outputTokens;
}

/// <summary>The amount to reserve for a call.</summary>
/// <param name="OutputLimit">Replaces the request's output limit; <c>null</c> = leave the request unchanged.</param>
internal readonly record struct CostLimit(PicoUsd Amount, long? OutputLimit);
