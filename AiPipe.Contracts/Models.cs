namespace AiPipe.Contracts;

/// <summary>Every model that can be called here, by provider and name: <c>GET /models</c>.</summary>
/// <param name="Data">Aliases first.</param>
public sealed record ModelList(IReadOnlyList<ModelInfo> Data);

/// <summary>One model of one provider, or an alias.</summary>
/// <param name="Id">The name in a request.</param>
/// <param name="Provider">The provider's name.</param>
/// <param name="Base">The base path for a client of this provider: <c>/openai/v1</c>.</param>
/// <param name="Dialect"><c>openai</c> or <c>gemini</c>.</param>
/// <param name="Free">It costs nothing and stays usable when a budget is spent.</param>
/// <param name="Input">What it takes: <c>text</c>, <c>image</c>, <c>audio</c>.</param>
/// <param name="Output">What it returns: <c>text</c>, <c>image</c>, <c>audio</c>; or <c>embedding</c>.</param>
/// <param name="Context">Most input tokens, where known.</param>
/// <param name="MaxOutputTokens">Most output tokens, where known.</param>
/// <param name="Price">What it costs.</param>
public sealed record ModelInfo(
    string Id, string Provider, string Base, string Dialect, bool Free, IReadOnlyList<string> Input, IReadOnlyList<string> Output,
    long? Context, long? MaxOutputTokens, ModelPrice Price)
{
    /// <summary>For an alias, the models behind it; the first is the one that the other properties describe.</summary>
    public IReadOnlyList<string>? AliasOf { get; init; }
}

/// <summary>USD per million tokens; <see cref="WebSearch"/> and <see cref="Request"/> are USD each.</summary>
public sealed record ModelPrice
{
    /// <summary>Input tokens.</summary>
    public required decimal Input { get; init; }
    /// <summary>Output tokens.</summary>
    public required decimal Output { get; init; }
    /// <summary>Input tokens read from a cache.</summary>
    public decimal? CacheRead { get; init; }
    /// <summary>Input tokens written to a cache.</summary>
    public decimal? CacheWrite { get; init; }
    /// <summary>Audio input tokens.</summary>
    public decimal? AudioInput { get; init; }
    /// <summary>Audio output tokens.</summary>
    public decimal? AudioOutput { get; init; }
    /// <summary>Image input tokens.</summary>
    public decimal? ImageInput { get; init; }
    /// <summary>Image output tokens.</summary>
    public decimal? ImageOutput { get; init; }
    /// <summary>One search.</summary>
    public decimal? WebSearch { get; init; }
    /// <summary>One call.</summary>
    public decimal? Request { get; init; }
    /// <summary>The prices of calls with more input tokens than <see cref="AboveInputTokens"/>.</summary>
    public ModelPrice? Above { get; init; }
    /// <summary>Where <see cref="Above"/> begins.</summary>
    public long? AboveInputTokens { get; init; }
}
