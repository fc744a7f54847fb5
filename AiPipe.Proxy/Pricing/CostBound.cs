using AiPipe.Proxy.Money;


namespace AiPipe.Proxy.Pricing;

/// <summary>What a call can cost at most, split so that its output part can be lowered to fit what is left.</summary>
/// <param name="Input">The most that its input and everything else that does not depend on the answer's length can cost.</param>
/// <param name="PerOutputToken">The dearest output token, times the answers asked for (<c>n</c>).</param>
/// <param name="StatedOutput">The output limit that the request states, in tokens per answer; <c>null</c> = none.</param>
/// <param name="ModelOutput">The most that the model can answer; <c>null</c> = not known.</param>
/// <param name="CanLimit">False for calls whose output has no length, such as embeddings.</param>
internal readonly record struct CostBound(
    PicoUsd Input, PicoUsd PerOutputToken, long? StatedOutput, long? ModelOutput, bool CanLimit)
{
    /// <summary>The cost with an answer of <paramref name="outputTokens"/>.</summary>
    public PicoUsd With(long outputTokens) => Input + PerOutputToken * outputTokens;
}

/// <summary>What was decided to hold for a call.</summary>
/// <param name="Amount">Held until the call is settled.</param>
/// <param name="OutputLimit">The output limit to send upstream instead of the request's own; <c>null</c> = leave the request as it is.</param>
internal readonly record struct Hold(PicoUsd Amount, long? OutputLimit);
