using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Pricing;

/// <summary>
/// The maximum cost of a call: all input counts as the most expensive kind that the request can contain, at the highest price.
/// </summary>
internal static class WorstCase
{
    /// <summary>Assumed for a model with an unknown context: the largest in wide use.</summary>
    public const long UnknownContextTokens = 1_000_000;

    /// <summary>The most with a web search: https://platform.openai.com/docs/guides/tools-web-search#limitations.</summary>
    private const long SearchContextTokens = 128_000;

    /// <summary>No model returns more; larger limits are clamped to it, so that sums stay in range.</summary>
    public const long MostOutputTokens = 1 << 24;

    private const decimal Million = 1_000_000;

    public static CostBound Calculate(PricedModel model, CallBody body, WireApi api)
    {
        var price = model.ReserveAt(body.ServiceTier);
        var tokens = InputTokens(model, body, api);
        // Stored input (an earlier response, a file) may contain audio and images that the request does not show.
        var (audio, images) = (body.HasAudio || body.InputTokensAtMost is null, body.HasImages || body.InputTokensAtMost is null);
        var (inputRate, outputRate) = (InputRate(price, audio, images), OutputRate(price, audio));
        if (price.For(tokens) is var above && !ReferenceEquals(above, price))
        {
            inputRate = Math.Max(inputRate, InputRate(above, audio, images));
            outputRate = Math.Max(outputRate, OutputRate(above, audio));
        }

        var inputUsd = tokens * inputRate / Million + body.WebSearchesAtMost * price.SearchRate
            + (price.Request ?? 0) + (price.Units?.Usd ?? 0);
        if (body.OutputTokensAtMost is { } most) inputUsd += most * outputRate / Million;
        if (!api.HasOutput)
            return new CostBound(CostCalculator.ToMoney(inputUsd), PicoUsd.Zero, StatedOutput: null, ModelOutput: null, CanLimit: false);

        inputUsd += body.PredictedTokensAtMost * outputRate * body.Answers / Million;
        var outputUsd = outputRate * body.Answers / Million;
        // Too expensive to be multiplied by a length: the fixed part alone exceeds any budget.
        if (outputUsd * MostOutputTokens > CostCalculator.MostUsd)
            (inputUsd, outputUsd) = (CostCalculator.MostUsd, CostCalculator.MostUsd / MostOutputTokens);
        return new CostBound(
            CostCalculator.ToMoney(inputUsd), CostCalculator.ToMoney(outputUsd), Sane(body.OutputLimit), Sane(model.MaxOutputTokens),
                CanLimit: true)
        {
            // Half of it for the answer.
            LeastOutput = body.ThinkingTokens > 0 ? 2 * Math.Min(body.ThinkingTokens, ThinkingLimit.Least) : 0,
        };
    }

    private static long InputTokens(PricedModel model, CallBody body, WireApi api)
    {
        var context = model.ContextTokens ?? UnknownContextTokens;
        var own = body.InputTokensAtMostFor(body.Model, model.ContextTokens) ?? context;
        if (body.WebSearchesAtMost == 0 || body.InputTokensAtMost is not null) return own;
        // The results of a search are free for these models: https://platform.openai.com/docs/pricing#built-in-tools
        if (!api.LimitsToolCalls) return body.Model.Contains("-search-preview", StringComparison.Ordinal) ? own : Math.Max(own, context);
        // The model reads its context again after each search.
        return Math.Max(own, (api.RereadsInputAfterSearch ? context : Math.Min(context, SearchContextTokens)) * (body.WebSearchesAtMost + 1L));
    }

    private static decimal InputRate(Price price, bool audio, bool images)
    {
        var rate = Math.Max(price.Input, Math.Max(price.CacheRead ?? 0, Math.Max(price.CacheWrite ?? 0, price.CacheWrite1h ?? 0)));
        if (audio) rate = Math.Max(rate, price.AudioInput ?? 0);
        return images ? Math.Max(rate, price.ImageInput ?? 0) : rate;
    }

    /// <summary>Only models that generate images have a price for image output, and those may do so unrequested.</summary>
    private static decimal OutputRate(Price price, bool audio)
    {
        var rate = Math.Max(price.Output, price.ImageOutput ?? 0);
        return audio ? Math.Max(rate, price.AudioOutput ?? 0) : rate;
    }

    private static long? Sane(long? tokens) => tokens is { } count ? Math.Clamp(count, 0, MostOutputTokens) : null;
}
