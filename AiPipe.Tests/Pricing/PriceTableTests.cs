using AiPipe.Proxy.Pricing;

namespace AiPipe.Tests.Pricing;

public sealed class PriceTableTests
{
    private static readonly PriceTable Table = Prices.Table();

    [Theory]
    [InlineData("openai", "gpt-4o-mini", "0.15", "0.6", 16_384L, 128_000L)]
    [InlineData("openai", "gpt-4o-2024-08-06", "2.5", "10", 16_384L, 128_000L)]
    [InlineData("gemini", "models/gemini-2.5-flash", "0.3", "2.5", 65_536L, 1_048_576L)]
    [InlineData("geminiv1beta", "gemini-2.5-flash", "0.3", "2.5", 65_536L, 1_048_576L)]
    [InlineData("demo", "demo", "0.15", "0.6", 16_384L, 128_000L)]
    public void Exact_names_have_their_prices_and_limits(
        string provider, string model, string input, string output, long most, long context)
    {
        var found = Table.Find(provider, model)!;
        Assert.Equal((Prices.Decimal(input), Prices.Decimal(output)), (found.Settle.Input, found.Settle.Output));
        Assert.Equal((most, context), (found.MaxOutputTokens, found.ContextTokens));
    }

    [Fact]
    public void The_version_names_the_table_and_its_day()
    {
        Assert.Equal("model-prices 2026-08-21", Table.Find("openai", "gpt-4o-mini")!.Version);
        Assert.StartsWith("demo-prices ", Table.Find("demo", "demo")!.Version, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt-5-nano-2025-08-07-preview", "0.05")] // starts_with gpt-5-nano-
    [InlineData("gpt-5.6-luna-2026-12-01", "0.2")] // regex, a date that no list has; the price in force since 2026-07-30
    [InlineData("gpt-4o-mini-audio-preview-2029-01-01", "0.15")]
    [InlineData("ft:gpt-4o-mini-2024-07-18:acme::abc123", "0.3")] // fine-tuned: not its base model's price
    [InlineData("ft:gpt-4o-2024-08-06:acme::abc123", "3.75")]
    [InlineData("ft:gpt-3.5-turbo-0125:acme:x:y", "3")]
    public void Other_names_are_priced_by_match_rules(string model, string input) =>
        Assert.Equal(Prices.Decimal(input), Table.Find("openai", model)!.Settle.Input);

    [Theory]
    [InlineData("gpt-4o-search-preview", "0.025")]
    [InlineData("gpt-4o-mini-search-preview-2025-03-11", "0.025")]
    [InlineData("gpt-5-search-api", "0.01")]
    public void Models_that_always_search_and_never_say_so_cost_a_search_for_each_call(string model, string request) =>
        Assert.Equal(Prices.Decimal(request), Table.Find("openai", model)!.Settle.Request);

    [Theory]
    [InlineData("openai", "gpt-4o-minor")] // a likeness is no match
    [InlineData("openai", "gpt-4o-2099-01-01")]
    [InlineData("openai", "GPT-4O-MINI")]
    [InlineData("openai", "")]
    [InlineData("openai", "gemini-2.5-flash")] // somebody else's model
    [InlineData("openai", "dall-e-3")] // by the piece
    [InlineData("openai", "whisper-1")] // by the minute
    [InlineData("openai", "sora-2")] // a row of zeros is no price
    [InlineData("gemini", "imagen-4.0-generate-001")]
    [InlineData("gemini", "gemma-3-27b-it")] // known, without a price
    [InlineData("mine", "gpt-4o-mini")]
    [InlineData("demo", "gpt-4o-mini")]
    public void Models_without_a_price_are_not_found(string provider, string model) => Assert.Null(Table.Find(provider, model));

    [Fact]
    public void No_model_of_the_tables_is_free()
    {
        foreach (var (_, file) in EmbeddedPrices.Lists())
            foreach (var (provider, models) in file.Providers)
                Assert.All(models.Keys, model => Assert.False(Table.Find(provider, model)?.Settle.IsFree ?? false, model));
    }

    [Fact]
    public void No_reserve_is_below_what_is_settled()
    {
        foreach (var (_, file) in EmbeddedPrices.Lists())
            foreach (var (provider, models) in file.Providers)
                foreach (var found in models.Keys.Select(model => Table.Find(provider, model)).OfType<PricedModel>())
                {
                    Assert.True(found.Reserve.Input >= found.Settle.Input && found.Reserve.Output >= found.Settle.Output);
                    Assert.True(found.Reserve.SearchRate >= found.Settle.SearchRate);
                    Assert.True(found.Reserve.AboveInputTokens <= found.Settle.AboveInputTokens || found.Settle.Above is null);
                }
    }

    [Fact]
    public void What_our_table_leaves_out_is_taken_from_the_other_where_both_mean_the_same()
    {
        var lite = Table.Find("gemini", "gemini-2.5-flash-lite")!;
        Assert.Equal((0.1m, 0.3m, 0.01m), (lite.Settle.Input, lite.Settle.AudioInput, lite.Settle.CacheRead));
        Assert.Equal("model-prices 2026-08-21 + genai-prices-v2", lite.Version);
        var tiered = Table.Find("openai", "gpt-5.4")!.Settle;
        Assert.Equal((5m, 0.01m, 272_000L), (tiered.Above!.Input, tiered.Above.WebSearch, tiered.AboveInputTokens));
    }

    [Fact]
    public void Where_tables_disagree_ours_is_settled_and_the_dearer_is_reserved()
    {
        // Its family has cached input at 1.25; this member has none, and costs twice as much.
        var old = Table.Find("openai", "gpt-4o-2024-05-13")!;
        Assert.Equal((5m, 15m, null), (old.Settle.Input, old.Settle.Output, old.Settle.CacheRead));
        Assert.Equal((5m, 15m), (old.Reserve.Input, old.Reserve.Output));
    }

    [Fact]
    public void A_price_changes_on_its_day()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 7, 29, 23, 59, 59, TimeSpan.Zero));
        var table = Prices.Table(time);
        Assert.Equal(1m, table.Find("openai", "gpt-5.6-luna")!.Reserve.Input);
        time.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(0.2m, table.Find("openai", "gpt-5.6-luna")!.Reserve.Input);
    }

    [Fact]
    public void A_price_that_changes_with_the_hour_is_held_at_the_dearer_one() =>
        Assert.Equal(2.19m, EmbeddedPrices.Families().Single(provider => provider.Id == "deepseek").Models
            .Single(model => model.Id == "deepseek-reasoner").PriceOn(new DateOnly(2026, 11, 21))!.Output);

    [Fact]
    public void Made_up_names_do_not_fill_the_memory()
    {
        for (var i = 0; i < 10_000; i++) Assert.NotNull(Table.Find("openai", $"gpt-5-nano-{i}"));
        Assert.Equal(0.15m, Table.Find("openai", "gpt-4o-mini")!.Settle.Input);
    }
}
