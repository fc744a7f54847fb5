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
    public void An_admin_states_the_limits_of_a_model_beside_its_price()
    {
        var table = Prices.Table(
            ("mine:m:Input", "1"), ("mine:m:Output", "2"), ("mine:m:MaxOutputTokens", "16384"), ("mine:m:ContextTokens", "32768"),
            ("mine:free:Free", "true"), ("mine:free:MaxOutputTokens", "100"),
            ("openai:gpt-4o:Input", "1"), ("openai:gpt-4o:Output", "1"), ("openai:gpt-4o:MaxOutputTokens", "500"));
        Assert.Equal((16_384L, 32_768L), (table.Find("mine", "m")!.MaxOutputTokens, table.Find("mine", "m")!.ContextTokens));
        Assert.Equal((100L, true), (table.Find("mine", "free")!.MaxOutputTokens, table.Find("mine", "free")!.Settle.IsFree));
        Assert.Equal((500L, 128_000L), (table.Find("openai", "gpt-4o")!.MaxOutputTokens, table.Find("openai", "gpt-4o")!.ContextTokens));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("16k")]
    [InlineData("9999999999999")]
    public void A_limit_is_a_number_of_tokens(string value) => Assert.Contains(
        "AiPipe:Prices:mine:m:MaxOutputTokens",
        Assert.Throws<OptionsValidationException>(
            () => Prices.Table(("mine:m:Input", "1"), ("mine:m:Output", "2"), ("mine:m:MaxOutputTokens", value))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("ft:gpt-4o-2024-08-06:school::x1", 16_384)]
    [InlineData("ft:gpt-4.1-mini-2025-04-14:school::x1", 32_768)]
    [InlineData("ft:gpt-3.5-turbo-0125:school:name:x1", 4_096)]
    [InlineData("gpt-4o-audio-preview", 16_384)]
    [InlineData("gpt-4o-audio-preview-2024-12-17", 16_384)]
    [InlineData("gpt-4o-mini-search-preview", 16_384)]
    [InlineData("gpt-4o-search-preview-2025-03-11", 16_384)]
    [InlineData("gpt-audio", 16_384)]
    [InlineData("gpt-4o-2024-05-13", 4_096)]
    [InlineData("gpt-5-mini-2025-08-07", 128_000)]
    [InlineData("o3-2025-04-16", 100_000)]
    public void The_longest_output_follows_from_the_family(string model, long tokens) =>
        Assert.Equal(tokens, Prices.Table().Find("openai", model)!.MaxOutputTokens);

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
