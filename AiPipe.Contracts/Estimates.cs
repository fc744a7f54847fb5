namespace AiPipe.Contracts;

/// <summary>
/// What a call could cost, and whether it would be sent now: <c>POST /estimate/{provider}/{path}</c> with the call's body. Nothing is sent
/// to the provider, reserved or charged. Money in USD.
/// </summary>
public sealed record CallEstimate
{
    /// <summary>The provider that would receive the call.</summary>
    public required string Provider { get; init; }
    /// <summary>The model's name at the provider.</summary>
    public required string Model { get; init; }
    /// <summary>The most that the call can cost, with the longest output that the request and the model allow.</summary>
    public required decimal MaxCost { get; init; }
    /// <summary>What the call probably costs, from <see cref="InputTokens"/> and <see cref="OutputTokens"/>.</summary>
    public required decimal LikelyCost { get; init; }
    /// <summary>The estimated tokens of the input, without what is stored at the provider.</summary>
    public required long InputTokens { get; init; }
    /// <summary>The average output of the caller's latest calls of this model; 500 tokens if there are none.</summary>
    public required long OutputTokens { get; init; }
    /// <summary>True if the call would be sent now.</summary>
    public required bool Passes { get; init; }
    /// <summary>What would be reserved while the call runs; absent if it would be refused.</summary>
    public decimal? Reserved { get; init; }
    /// <summary>The output limit in tokens that would replace the request's, so that it fits the budget; absent if none would.</summary>
    public long? MaxOutputTokens { get; init; }
    /// <summary>Why the call would be refused; absent if it passes.</summary>
    public ErrorInfo? Error { get; init; }
}
