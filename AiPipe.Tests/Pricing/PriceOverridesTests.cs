using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Pricing;

public sealed class PriceOverridesTests
{
    [Fact]
    public void An_override_wins_and_is_held_at_what_it_says()
    {
        var model = Prices.Table(("openai:gpt-4o-mini:Input", "0.1"), ("openai:gpt-4o-mini:Output", "0.2")).Find("openai", "gpt-4o-mini")!;
        Assert.Equal((0.1m, 0.2m, 0.1m), (model.Settle.Input, model.Settle.Output, model.Reserve.Input));
        Assert.Equal(("override", 16_384L), (model.Version, model.MaxOutputTokens));
    }

    [Fact]
    public void Names_with_colons_are_put_together_again()
    {
        var table = Prices.Table(
            ("mine:llama3:8b:Input", "1"), ("mine:llama3:8b:Output", "2e-1"),
            ("mine:llama3:8b:free:Free", "true"),
            ("mine:llama3:Input", "5"), ("mine:llama3:Output", "6"));
        Assert.Equal((1m, 0.2m), (table.Find("mine", "llama3:8b")!.Settle.Input, table.Find("mine", "llama3:8b")!.Settle.Output));
        Assert.True(table.Find("mine", "llama3:8b:free")!.Settle.IsFree);
        Assert.Equal(5m, table.Find("mine", "llama3")!.Settle.Input);
        Assert.Null(table.Find("mine", "llama3:70b"));
    }

    [Fact]
    public void Every_kind_of_price_can_be_given()
    {
        var price = Prices.Table(
            ("mine:m:Input", "1"), ("mine:m:Output", "2"), ("mine:m:CacheRead", "3"), ("mine:m:CacheWrite", "4"),
                ("mine:m:CacheWrite1h", "5"),
            ("mine:m:AudioInput", "6"), ("mine:m:AudioOutput", "7"), ("mine:m:ImageInput", "8"), ("mine:m:ImageOutput", "9"),
            ("mine:m:WebSearch", "0.1"), ("mine:m:Request", "0.2")).Find("mine", "m")!.Settle;
        Assert.Equal((3m, 4m, 5m), (price.CacheRead, price.CacheWrite, price.CacheWrite1h));
        Assert.Equal((6m, 7m, 8m, 9m), (price.AudioInput, price.AudioOutput, price.ImageInput, price.ImageOutput));
        Assert.Equal((0.1m, 0.2m), (price.WebSearch, price.Request));
    }

    [Theory]
    [InlineData("mine:m:Input", "cheap", "AiPipe:Prices:mine:m:Output is missing")]
    [InlineData("mine:m:Free", "yes", "AiPipe:Prices:mine:m:Free must be true or false")]
    [InlineData("mine:m", "0.5", "AiPipe:Prices:mine:m must be a set of prices")]
    [InlineData("mine:m:x:Output", "1", "AiPipe:Prices:mine:m:x:Input is missing")]
    public void A_wrong_entry_stops_the_start_in_one_line(string key, string value, string line) => AssertRefused(line, (key, value));

    [Theory]
    [InlineData("Input", "-1", "is not a price")]
    [InlineData("Input", "1,5", "is not a price")]
    [InlineData("Input", "NaN", "is not a price")]
    [InlineData("Input", "1e9", "is not a price")]
    [InlineData("Inptu", "1", "is unknown")]
    public void A_wrong_price_is_named_with_its_mend(string field, string value, string problem) =>
        AssertRefused($"AiPipe:Prices:mine:m:{field} {problem}", ("mine:m:Input", "1"), ("mine:m:Output", "1"),
            ($"mine:m:{field}", value));

    private static void AssertRefused(string line, params (string Key, string Value)[] values)
    {
        var unique = values.GroupBy(value => value.Key, StringComparer.Ordinal).Select(group => group.Last()).ToArray();
        var failure = Assert.Single(Assert.ThrowsAny<OptionsValidationException>(() => Prices.Overrides(unique)).Failures);
        Assert.StartsWith(line, failure, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure);
    }
}
