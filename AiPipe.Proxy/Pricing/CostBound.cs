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
    /// <summary>True if everything that the provider bills passes through the gateway, where it is counted.</summary>
    public bool IsCountable { get; init; }

    /// <summary>The shortest output, in tokens, that is worth a call; 0 = the usual one. Set for reasoning requests.</summary>
    public long LeastOutput { get; init; }

    public PicoUsd With(long outputTokens) => Input + PerOutputToken * outputTokens;

    /// <summary>The charge of a call whose replica was lost: the input if all content is countable, else the reservation.</summary>
    public PicoUsd WhenLost(PicoUsd reserved) => IsCountable ? PicoUsd.Min(Input, reserved) : reserved;
}

/// <summary>The amount to reserve for a call.</summary>
/// <param name="OutputLimit">Replaces the request's output limit; <c>null</c> = leave the request unchanged.</param>
internal readonly record struct CostLimit(PicoUsd Amount, long? OutputLimit);
