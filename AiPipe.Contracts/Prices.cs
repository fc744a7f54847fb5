using System.Text.Json.Serialization;

namespace AiPipe.Contracts;

/// <summary>What models cost and where the price comes from: <c>GET /admin/prices</c>.</summary>
/// <param name="Prices">By provider and model.</param>
/// <param name="Total">How many prices match, listed here or not.</param>
public sealed record PriceList(IReadOnlyList<PriceInfo> Prices, int Total);

/// <summary>
/// USD per million tokens; <paramref name="WebSearch"/> per search, <paramref name="Request"/> per call. An absent kind of token costs the
/// highest plain price of its direction.
/// </summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Model">The model's name there.</param>
/// <param name="Source"><c>table</c>, <c>override</c>, or <c>listed</c> where the provider itself publishes the price.</param>
/// <param name="Version">The version of the source.</param>
/// <param name="Free">It costs nothing.</param>
/// <param name="Input">Input tokens.</param>
/// <param name="Output">Output tokens.</param>
/// <param name="CacheRead">Input tokens read from a cache.</param>
/// <param name="CacheWrite">Input tokens written to a cache.</param>
/// <param name="CacheWrite1h">Input tokens written to a cache for an hour.</param>
/// <param name="AudioInput">Audio input tokens.</param>
/// <param name="AudioOutput">Audio output tokens.</param>
/// <param name="ImageInput">Image input tokens.</param>
/// <param name="ImageOutput">Image output tokens.</param>
/// <param name="WebSearch">One search.</param>
/// <param name="Request">One call.</param>
/// <param name="AboveInputTokens">Calls with more input tokens have the next two prices.</param>
/// <param name="AboveInput">Input tokens of such calls.</param>
/// <param name="AboveOutput">Output tokens of such calls.</param>
/// <param name="Context">Most input tokens, where known.</param>
/// <param name="MaxOutputTokens">Most output tokens, where known.</param>
public sealed record PriceInfo(
    string Provider, string Model, string Source, string Version, bool Free, decimal Input, decimal Output, decimal? CacheRead,
    decimal? CacheWrite,
    [property: JsonPropertyName("cache_write_1h")] decimal? CacheWrite1h,
    decimal? AudioInput, decimal? AudioOutput, decimal? ImageInput, decimal? ImageOutput, decimal? WebSearch, decimal? Request,
    long? AboveInputTokens, decimal? AboveInput, decimal? AboveOutput, long? Context, long? MaxOutputTokens);

/// <summary>Sets what a person spent on a date: <c>POST /admin/cost</c>.</summary>
public sealed record CostRequest
{
    /// <summary>The person.</summary>
    public required string Email { get; init; }
    /// <summary>UTC.</summary>
    public required DateOnly Date { get; init; }
    /// <summary>USD, not negative.</summary>
    public required decimal Cost { get; init; }
}

/// <summary>What was done.</summary>
/// <param name="Message">A sentence.</param>
public sealed record MessageResponse(string Message);
