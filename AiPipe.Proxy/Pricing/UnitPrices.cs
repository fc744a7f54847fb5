using AiPipe.Proxy.Apis.RequestBody;

namespace AiPipe.Proxy.Pricing;

/// <summary>Prices of calls that are not, or not only, billed by the token of text: moderations, images, speech.</summary>
internal static class UnitPrices
{
    private const decimal Million = 1_000_000;

    /// <summary>The price of a call; <c>null</c> if it is unknown: the call is then refused.</summary>
    /// <param name="listed">The price of the model by the token; <c>null</c> = it has none.</param>
    /// <param name="row">Its row in our own price list.</param>
    public static PricedModel? Resolve(
        RequestedUnits units, string model, PricedModel? listed, (PriceRow Row, string Version)? row)
    {
        if (listed is { IsStatedFree: true }) return listed;
        return units.Kind switch
        {
            // Rows of zeros are also those of models that have no price yet.
            UnitKind.Moderation => listed ?? (model.Contains("moderation", StringComparison.Ordinal)
                && row is { Row: { Input: 0, Output: 0 }, Version: var version }
                ? Create(Price.Free, version) with { IsStatedFree = true } : null),
            UnitKind.Image => ImageByToken(listed, row) ?? ByPiece("images", units.Count, PerMillionImages(units, row?.Row.Image), row),
            UnitKind.Character => ByTokenOf(listed, listed?.Settle.AudioOutput)
                ?? ByPiece("characters", units.Count, row?.Row.InputCharacters, row),
            _ => throw new ArgumentOutOfRangeException(nameof(units)),
        };
    }

    private static PricedModel? ImageByToken(PricedModel? listed, (PriceRow Row, string Version)? row)
    {
        // Our list has no text output for models that return only images.
        if (listed is null && row is { Row: var read, Version: var version }
            && (read with { Output = read.ImageOutput }).ToPrice() is { } price)
            listed = Create(price, version);
        return ByTokenOf(listed, listed?.Settle.ImageOutput);
    }

    /// <summary>A list that omits the price of the images or the sound does not make them free.</summary>
    private static PricedModel? ByTokenOf(PricedModel? listed, decimal? outputRate) =>
        listed is not null && (outputRate ?? listed.Settle.Output) > 0 ? listed : null;

    private static PricedModel? ByPiece(string what, long count, decimal? usdPerMillion, (PriceRow Row, string Version)? row) =>
        usdPerMillion is > 0 and var rate && row is { Version: var version }
            ? Create(new Price { Input = 0, Output = 0, Units = new UnitPrice(what, count, rate) }, version) : null;

    /// <summary>An unlisted quality or size has the highest price.</summary>
    private static decimal? PerMillionImages(RequestedUnits units, Dictionary<string, decimal>? prices)
    {
        if (prices is not { Count: > 0 }) return null;
        return Million * (prices.TryGetValue($"{units.Quality}/{units.Size}", out var exact) ? exact : prices.Values.Max());
    }

    private static PricedModel Create(Price price, string version) =>
        new(price, price, version, MaxOutputTokens: null, ContextTokens: null);
}
