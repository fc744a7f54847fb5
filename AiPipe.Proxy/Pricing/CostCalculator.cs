using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Pricing;

/// <summary>Computes costs from usage: pure, exact, rounded up once at the end (to a pico-USD).</summary>
internal static class CostCalculator
{
    /// <summary>More than any call costs; absurd counts are clamped to it instead of overflowing.</summary>
    public const decimal MostUsd = 2_000_000;

    private const decimal Million = 1_000_000;

    /// <summary>The cost of a finished call.</summary>
    /// <param name="usage">The reported usage. A cost that the provider reported takes precedence.</param>
    /// <param name="serviceTier">The tier in the response; <c>null</c> = standard.</param>
    /// <exception cref="ArgumentException">The usage has neither a cost nor both input and output; use <see cref="Estimate"/>.</exception>
    public static Receipt Calculate(PricedModel model, TokenUsage usage, string? serviceTier)
    {
        if (usage.ReportedCost is { } reported)
            return Sum("provider", [new ReceiptLine("provider_cost", 1, decimal.Clamp(reported, 0, MostUsd) * Million)]);
        if (usage is not { Input: { } input, Output: { } output })
            throw new ArgumentException("A usage without input or output tokens has no cost; it can only be estimated.", nameof(usage));

        var price = model.SettleAt(serviceTier).For(input);
        var (cacheRead, cacheWrite, cacheWrite1h) = (Count(usage.CacheRead), Count(usage.CacheWrite), Count(usage.CacheWrite1h));
        var (audioIn, imageIn, audioOut, imageOut) =
            (Count(usage.InputAudio), Count(usage.InputImage), Count(usage.OutputAudio), Count(usage.OutputImage));
        var writePrice = price.CacheWrite ?? price.Input;

        var lines = new List<ReceiptLine>(capacity: 4);
        // Parts that exceed their total are billed anyway: an inconsistent report is no discount.
        Add(lines, "input", Count(input - cacheRead - Math.Max(cacheWrite, cacheWrite1h) - audioIn - imageIn), price.Input);
        Add(lines, "cache_read", cacheRead, price.CacheRead ?? price.Input);
        Add(lines, "cache_write", Count(cacheWrite - cacheWrite1h), writePrice);
        Add(lines, "cache_write_1h", cacheWrite1h, price.CacheWrite1h ?? writePrice);
        Add(lines, "input_audio", audioIn, price.AudioInput ?? price.Input);
        Add(lines, "input_image", imageIn, price.ImageInput ?? price.Input);
        Add(lines, "output", Count(output - audioOut - imageOut), price.Output);
        Add(lines, "output_audio", audioOut, price.AudioOutput ?? price.Output);
        Add(lines, "output_image", imageOut, price.ImageOutput ?? price.Output);
        Add(lines, "web_search", Count(usage.WebSearches), price.SearchRate * Million);
        if (price.Units is { } units)
            Add(lines, units.What, Math.Min(usage.Units ?? units.Count, units.Count), units.UsdPerMillion);
        if (price.Request is { } request) Add(lines, "request", 1, request * Million);
        return Sum(model.Version, lines);
    }

    /// <summary>The cost of a call without a report, from counted tokens: plain input and output at the standard tier.</summary>
    public static Receipt Estimate(PricedModel model, long inputTokens, long outputTokens, string? serviceTier = null) =>
        Calculate(model, new TokenUsage { Input = inputTokens, Output = outputTokens }, serviceTier);

    public static CostBound Bound(PricedModel model, CallBody body, WireApi api) => WorstCase.Calculate(model, body, api);

    /// <summary>Rounds up; clamped to <see cref="MostUsd"/>.</summary>
    public static PicoUsd ToMoney(decimal usd) => PicoUsd.FromUsd(Math.Min(usd, MostUsd));

    private static decimal Count(decimal? tokens) => Math.Max(tokens ?? 0, 0);

    private static void Add(List<ReceiptLine> lines, string what, decimal count, decimal usdPerMillion)
    {
        if (count > 0) lines.Add(new ReceiptLine(what, count, usdPerMillion));
    }

    private static Receipt Sum(string version, List<ReceiptLine> lines)
    {
        var usd = 0m;
        foreach (var line in lines) usd += line.Count * line.UsdPerMillion / Million;
        return new Receipt(version, lines, ToMoney(usd));
    }
}
