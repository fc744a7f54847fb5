using System.Text.Json.Serialization;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Routing.Models;

/// <summary>Every model that can be called here, by provider and name.</summary>
internal sealed record ModelList(IReadOnlyList<ListedModel> Data);

/// <summary>One model of one provider.</summary>
/// <param name="Id">As a call names it.</param>
/// <param name="Provider">The provider's name.</param>
/// <param name="Base">What a client of the provider's own takes for its address, on this gateway: <c>/openai/v1</c>.</param>
/// <param name="Dialect"><c>openai</c> or <c>gemini</c>.</param>
/// <param name="Free">It costs nothing, and stays usable when a budget is spent.</param>
/// <param name="Input">What it takes: <c>text</c>, <c>image</c>, <c>audio</c>.</param>
/// <param name="Output">What it gives: <c>text</c>, <c>image</c>, <c>audio</c>; or <c>embedding</c>.</param>
/// <param name="Context">Tokens that it reads at most, where known.</param>
/// <param name="MaxOutputTokens">Tokens that it answers at most, where known.</param>
/// <param name="Price">What it costs.</param>
internal sealed record ListedModel(
    string Id, string Provider, string Base, string Dialect, bool Free, IReadOnlyList<string> Input, IReadOnlyList<string> Output,
    long? Context, long? MaxOutputTokens, ListedPrice Price)
{
    /// <summary>Of an alias: the models that answer, the first of which the rest of this tells of. <c>null</c> = it is a model's own name.</summary>
    public IReadOnlyList<string>? AliasOf { get; init; }

    public static ListedModel Of(Provider provider, string model, PricedModel priced) => new(
        model,
        provider.Name,
        provider.Dialect == Apis.Dialect.Gemini ? $"/{provider.Name}" : $"/{provider.Name}/v1",
        provider.Dialect == Apis.Dialect.Gemini ? "gemini" : "openai",
        priced.Settle.IsFree,
        Modalities.In(model, priced.Settle),
        Modalities.Out(model, priced.Settle),
        priced.ContextTokens,
        priced.MaxOutputTokens,
        ListedPrice.Of(priced.Settle));
}

/// <summary>USD per million tokens; <c>web_search</c> and <c>request</c> are USD each. What is not listed is absent.</summary>
internal sealed record ListedPrice
{
    public required decimal Input { get; init; }
    public required decimal Output { get; init; }
    public decimal? CacheRead { get; init; }
    public decimal? CacheWrite { get; init; }
    public decimal? AudioInput { get; init; }
    public decimal? AudioOutput { get; init; }
    public decimal? ImageInput { get; init; }
    public decimal? ImageOutput { get; init; }
    public decimal? WebSearch { get; init; }
    public decimal? Request { get; init; }
    /// <summary>The prices of calls with more input tokens than <see cref="AboveInputTokens"/>.</summary>
    public ListedPrice? Above { get; init; }
    public long? AboveInputTokens { get; init; }

    public static ListedPrice Of(Price price) => new()
    {
        Input = price.Input,
        Output = price.Output,
        CacheRead = price.CacheRead,
        CacheWrite = price.CacheWrite,
        AudioInput = price.AudioInput,
        AudioOutput = price.AudioOutput,
        ImageInput = price.ImageInput,
        ImageOutput = price.ImageOutput,
        WebSearch = price.WebSearch,
        Request = price.Request,
        Above = price.Above is { } above ? Of(above) : null,
        AboveInputTokens = price.AboveInputTokens,
    };
}

[JsonSerializable(typeof(ModelList))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ModelsJson : JsonSerializerContext;
