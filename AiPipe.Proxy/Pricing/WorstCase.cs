using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.Requests;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Pricing;

/// <summary>
/// What a call can cost at most, from what is known before it leaves. Every part of the input may turn out to be the dearest kind
/// that the request can have, at the dearest price that any table gives.
/// </summary>
internal static class WorstCase
{
    /// <summary>Taken for the context of a model that no table knows the context of: the largest that is sold widely.</summary>
    private const long UnknownContextTokens = 1_000_000;

    /// <summary>No model answers with more; limits above it are taken for it, so that sums with them stay in range.</summary>
    public const long MostOutputTokens = 1 << 24;

    private const decimal Million = 1_000_000;

    public static CostBound Calculate(PricedModel model, CallBody body, Api api)
    {
        var price = model.ReserveAt(body.ServiceTier);
        var tokens = body.InputTokensAtMost ?? model.ContextTokens ?? UnknownContextTokens;
        // Stored input (an earlier response, a file) may hold sound and pictures that the request does not show.
        var (audio, images) = (body.HasAudio || body.InputTokensAtMost is null, body.HasImages || body.InputTokensAtMost is null);
        var (inputRate, outputRate) = (InputRate(price, audio, images), OutputRate(price, audio));
        if (price.For(tokens) is var above && !ReferenceEquals(above, price))
        {
            inputRate = Math.Max(inputRate, InputRate(above, audio, images));
            outputRate = Math.Max(outputRate, OutputRate(above, audio));
        }

        var inputUsd = tokens * inputRate / Million + body.WebSearchesAtMost * price.SearchRate + (price.Request ?? 0);
        if (api is Api.Embeddings or Api.GeminiEmbed)
            return new CostBound(CostCalculator.ToMoney(inputUsd), PicoUsd.Zero, StatedOutput: null, ModelOutput: null, CanLimit: false);

        var outputUsd = outputRate * body.Answers / Million;
        // Too dear to be multiplied by a length: then the fixed part alone is more than any budget has.
        if (outputUsd * MostOutputTokens > CostCalculator.MostUsd)
            (inputUsd, outputUsd) = (CostCalculator.MostUsd, CostCalculator.MostUsd / MostOutputTokens);
        return new CostBound(
            CostCalculator.ToMoney(inputUsd), CostCalculator.ToMoney(outputUsd), Sane(body.OutputLimit), Sane(model.MaxOutputTokens), CanLimit: true);
    }

    private static decimal InputRate(Price price, bool audio, bool images)
    {
        var rate = Math.Max(price.Input, Math.Max(price.CacheRead ?? 0, Math.Max(price.CacheWrite ?? 0, price.CacheWrite1h ?? 0)));
        if (audio) rate = Math.Max(rate, price.AudioInput ?? 0);
        return images ? Math.Max(rate, price.ImageInput ?? 0) : rate;
    }

    /// <summary>Only models that draw have a price for pictures as output, and those may draw without being asked.</summary>
    private static decimal OutputRate(Price price, bool audio)
    {
        var rate = Math.Max(price.Output, price.ImageOutput ?? 0);
        return audio ? Math.Max(rate, price.AudioOutput ?? 0) : rate;
    }

    private static long? Sane(long? tokens) => tokens is { } count ? Math.Clamp(count, 0, MostOutputTokens) : null;
}
