using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Tests.Pricing;

public sealed class CostCalculatorTests
{
    private static readonly PriceTable Table = Prices.Table();

    /// <summary>Worked out by hand from the providers' pricing pages.</summary>
    [Theory]
    [InlineData("openai", "gpt-4o-mini", 1_000, 500, "0.00045")] // 1000 × 0.15 + 500 × 0.60
    [InlineData("openai", "gpt-4o-mini", 1, 0, "0.00000015")]
    [InlineData("openai", "gpt-4o-mini", 0, 1, "0.0000006")]
    [InlineData("openai", "gpt-4o-mini", 0, 0, "0")]
    [InlineData("openai", "gpt-4o", 1_234, 567, "0.008755")] // 1234 × 2.50 + 567 × 10
    [InlineData("openai", "gpt-4o-2024-05-13", 1_000, 1_000, "0.02")]
    [InlineData("openai", "gpt-4.1-nano", 3, 7, "0.0000031")]
    [InlineData("openai", "gpt-5", 10_000, 2_000, "0.0325")]
    [InlineData("openai", "gpt-5-nano", 1, 1, "0.00000045")]
    [InlineData("openai", "o3", 1_000, 1_000, "0.01")]
    [InlineData("openai", "o1-pro", 10, 10, "0.0075")]
    [InlineData("openai", "text-embedding-3-small", 1_000_000, 0, "0.02")]
    [InlineData("openai", "text-embedding-3-large", 7, 0, "0.00000091")]
    [InlineData("gemini", "gemini-2.5-flash", 1_000, 1_000, "0.0028")]
    [InlineData("gemini", "gemini-2.5-flash-lite", 1_000, 1_000, "0.0005")]
    [InlineData("gemini", "gemini-2.5-pro", 1_000, 1_000, "0.01125")]
    [InlineData("demo", "demo", 1_000, 500, "0.00045")]
    [InlineData("demo", "demo-embed", 50, 0, "0.000001")]
    public void Plain_tokens_cost_exactly_what_the_page_says(string provider, string model, long input, long output, string usd)
    {
        var receipt = CostCalculator.Calculate(
            Table.Find(provider, model)!, new TokenUsage { Input = input, Output = output }, serviceTier: null);
        Assert.Equal(Prices.Decimal(usd), receipt.Cost.ToUsd());
    }

    [Fact]
    public void Cached_tokens_cost_their_own_price_and_only_once()
    {
        // 400 × 0.15 + 600 × 0.075 + 500 × 0.60
        var receipt = Bill("gpt-4o-mini", new TokenUsage { Input = 1_000, CacheRead = 600, Output = 500 });
        Assert.Equal(0.000405m, receipt.Cost.ToUsd());
        Assert.Equal(["input", "cache_read", "output"], receipt.Lines.Select(line => line.What));
        Assert.Equal("400 × 0.15/M + 600 × 0.075/M + 500 × 0.6/M", receipt.Formula);
    }

    [Fact]
    public void Cached_tokens_without_a_price_of_their_own_are_billed_as_fresh_ones()
    {
        var model = Prices.Model(new Price { Input = 2, Output = 8 });
        var usage = new TokenUsage
        {
            Input = 1_000,
            CacheRead = 300,
            CacheWrite = 200,
            CacheWrite1h = 100,
            InputAudio = 100,
            InputImage = 100,
            Output = 0
        };
        Assert.Equal(0.002m, CostCalculator.Calculate(model, usage, serviceTier: null).Cost.ToUsd());
    }

    [Fact]
    public void Every_kind_of_token_has_its_line()
    {
        var model = Prices.Model(new Price
        {
            Input = 1,
            Output = 10,
            CacheRead = 0.1m,
            CacheWrite = 1.25m,
            CacheWrite1h = 2,
            AudioInput = 30,
            AudioOutput = 60,
            ImageInput = 5,
            ImageOutput = 40,
            WebSearch = 0.01m,
            Request = 0.005m,
        });
        var usage = new TokenUsage
        {
            Input = 100,
            CacheRead = 10,
            CacheWrite = 20,
            CacheWrite1h = 5,
            InputAudio = 7,
            InputImage = 3,
            Output = 50,
            Reasoning = 30,
            OutputAudio = 4,
            OutputImage = 6,
            WebSearches = 2,
        };
        var receipt = CostCalculator.Calculate(model, usage, serviceTier: null);
        Assert.Equal(
            [("input", 60m), ("cache_read", 10m), ("cache_write", 15m), ("cache_write_1h", 5m), ("input_audio", 7m), ("input_image", 3m),
                ("output", 40m), ("output_audio", 4m), ("output_image", 6m), ("web_search", 2m), ("request", 1m)],
            receipt.Lines.Select(line => (line.What, line.Count)));
        // 60 + 1 + 18.75 + 10 + 210 + 15 + 400 + 240 + 240 millionths, two searches, one call
        Assert.Equal(0.00119475m + 0.02m + 0.005m, receipt.Cost.ToUsd());
    }

    [Fact]
    public void Sound_costs_more_than_text()
    {
        // 50 × 0.15 + 50 × 10 + 20 × 0.60 + 80 × 20
        var usage = new TokenUsage { Input = 100, InputAudio = 50, Output = 100, OutputAudio = 80 };
        Assert.Equal(0.0021195m, Bill("gpt-4o-mini-audio-preview", usage).Cost.ToUsd());
    }

    [Fact]
    public void Parts_beyond_their_whole_are_billed_all_the_same()
    {
        var usage = new TokenUsage { Input = 100, CacheRead = 300, Output = 10, OutputAudio = 0 };
        Assert.Equal(300 * 0.075m / 1_000_000 + 10 * 0.6m / 1_000_000, Bill("gpt-4o-mini", usage).Cost.ToUsd());
    }

    [Fact]
    public void Long_inputs_are_billed_at_their_own_prices_from_the_first_token_on()
    {
        var price = new Price { Input = 1, Output = 2, Above = new Price { Input = 3, Output = 4 }, AboveInputTokens = 1_000 };
        var model = Prices.Model(price);
        Assert.Equal(0.001002m, CostCalculator.Estimate(model, 1_000, 1).Cost.ToUsd());
        Assert.Equal(0.003007m, CostCalculator.Estimate(model, 1_001, 1).Cost.ToUsd());
    }

    [Theory]
    [InlineData("gpt-5", "flex", "0.005625")] // half of 1.25 and 10
    [InlineData("gpt-5", "priority", "0.0225")] // twice
    [InlineData("gpt-5.5", "priority", "0.0875")] // 12.50 and 75: listed, two and a half times
    [InlineData("gpt-4o-mini", "priority", "0.00125")] // 0.25 and 1
    [InlineData("gpt-4o-mini", "flex", "0.00075")] // not sold: standard
    [InlineData("gpt-3.5-turbo", "priority", "0.004")] // not listed: twice
    [InlineData("gpt-5", "default", "0.01125")]
    [InlineData("gpt-5", "no such tier", "0.01125")]
    [InlineData("gpt-5", null, "0.01125")]
    public void Service_tiers_change_the_price_as_listed(string name, string? tier, string usd)
    {
        var receipt = CostCalculator.Calculate(Table.Find("openai", name)!, new TokenUsage { Input = 1_000, Output = 1_000 }, tier);
        Assert.Equal(Prices.Decimal(usd), receipt.Cost.ToUsd());
    }

    [Fact]
    public void What_the_provider_billed_is_the_bill()
    {
        var receipt = Bill("gpt-4o-mini", new TokenUsage { Input = 1_000, Output = 500, ReportedCost = 0.0123456m });
        Assert.Equal(("provider", 0.0123456m), (receipt.Version, receipt.Cost.ToUsd()));
        Assert.Equal("provider_cost", Assert.Single(receipt.Lines).What);
    }

    [Fact]
    public void A_fraction_of_a_pico_usd_is_rounded_up_once()
    {
        var receipt = CostCalculator.Calculate(
            Prices.Model(new Price { Input = 0.0000001m, Output = 0.0000001m }), new() { Input = 1, Output = 1 }, serviceTier: null);
        Assert.Equal(new PicoUsd(1), receipt.Cost);
    }

    [Fact]
    public void A_search_without_a_price_is_not_free()
    {
        var model = Prices.Model(new Price { Input = 1, Output = 1 });
        Assert.Equal(0.07m, CostCalculator.Calculate(model, new() { Input = 0, Output = 0, WebSearches = 2 }, serviceTier: null)
            .Cost.ToUsd());
    }

    [Theory]
    [InlineData(null, 5L)]
    [InlineData(5L, null)]
    public void Half_a_report_has_no_cost(long? input, long? output) =>
        Assert.Throws<ArgumentException>(() => Bill("gpt-4o-mini", new TokenUsage { Input = input, Output = output }));

    [Fact]
    public void Absurd_reports_end_as_a_huge_bill()
    {
        var usage = new TokenUsage { Input = long.MaxValue, Output = long.MaxValue, WebSearches = long.MaxValue, CacheRead = -5 };
        Assert.Equal(CostCalculator.MostUsd, Bill("o1-pro", usage).Cost.ToUsd());
        Assert.Equal(CostCalculator.MostUsd, Bill("o1-pro", new TokenUsage { ReportedCost = decimal.MaxValue }).Cost.ToUsd());
        Assert.Equal(PicoUsd.Zero, Bill("o1-pro", new TokenUsage { ReportedCost = -1 }).Cost);
    }

    private static Receipt Bill(string model, TokenUsage usage) =>
        CostCalculator.Calculate(Table.Find("openai", model)!, usage, serviceTier: null);
}
