using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Tests.Pricing;

public sealed class UnitPricesTests
{
    /// <summary>A price a hundred times too low, or one by the megapixel, is not the price of an image.</summary>
    [Fact]
    public void Listed_prices_of_images_are_those_of_images()
    {
        var images = EmbeddedPrices.Lists().SelectMany(static list => list.File.Providers.Values).SelectMany(static models => models.Values)
            .SelectMany(static row => row.Image?.Values ?? Enumerable.Empty<decimal>()).ToList();
        Assert.NotEmpty(images);
        Assert.All(images, static usd => Assert.InRange(usd, 0.004m, 0.5m));
    }

    [Theory]
    [InlineData("standard", "1024x1024", 40_000)]
    [InlineData("hd", "1792x1024", 120_000)]
    // Unlisted: the highest price.
    [InlineData("auto", "1024x1024", 120_000)]
    public void Image_has_the_price_of_its_quality_and_size(string quality, string size, int usdPerMillion)
    {
        var row = (new PriceRow
        {
            Image = new()
            {
                ["standard/1024x1024"] = 0.04m,
                ["hd/1792x1024"] = 0.12m,
            },
        }, "list");
        var price = UnitPrices.Resolve(new RequestedUnits(UnitKind.Image, 2, quality, size), "dall-e-3", listed: null, row)!;
        Assert.Equal(new UnitPrice("images", 2, usdPerMillion), price.Settle.Units);
        Assert.Equal((price.Settle, "list"), (price.Reserve, price.Version));
    }

    [Theory]
    [InlineData(UnitKind.Image, 0.0, null)]
    [InlineData(UnitKind.Character, 0.0, null)]
    [InlineData(UnitKind.Character, 0.0, 12.0)]
    [InlineData(UnitKind.Image, 8.0, null)]
    public void Output_without_a_price_is_not_free(object kind, double output, double? sound)
    {
        var price = new Price { Input = 2, Output = (decimal)output, AudioOutput = (decimal?)sound };
        var listed = new PricedModel(price, price, "list", MaxOutputTokens: null, ContextTokens: null);
        var resolved = UnitPrices.Resolve(new RequestedUnits((UnitKind)kind, 1), "m", listed, row: null);
        Assert.Equal(output > 0 || sound > 0, ReferenceEquals(listed, resolved));
    }
}
