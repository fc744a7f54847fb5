using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.Embeddings;
using AiPipe.Proxy.Apis.Gemini;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Apis.Responses;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using AiPipe.Tests.Apis;

namespace AiPipe.Tests.Pricing;

public sealed class WorstCaseTests
{
    private static readonly PriceTable Table = Prices.Table();
    private static readonly string?[] ServiceTiers = [null, "auto", "default", "flex", "priority", "fast"];

    [Fact]
    public void Whatever_a_call_uses_within_its_bound_costs_no_more_than_the_bound()
    {
        var models = (from list in EmbeddedPrices.Lists()
                      from provider in list.File.Providers
                      from name in provider.Value.Keys
                      select Table.Find(provider.Key, name)).OfType<PricedModel>().ToList();
        var random = new Random(20261121);
        for (var i = 0; i < 20_000; i++)
        {
            var model = models[random.Next(models.Count)];
            var body = AnyBody(random);
            var usage = AnyUsage(random, body);
            var receipt = CostCalculator.Calculate(model, usage, body.ServiceTier);
            var bound = CostCalculator.Bound(model, body, ChatCompletionsApi.Instance).With(body.OutputLimit!.Value);
            Assert.True(bound >= receipt.Cost, $"{model} {body} {usage}: {receipt.Cost} > {bound}");
            Assert.Equal(PicoUsd.FromUsd(receipt.Lines.Sum(line => line.Count * line.UsdPerMillion / 1_000_000)), receipt.Cost);
        }
    }

    [Fact]
    public void The_bound_of_plain_text_is_exact()
    {
        var body = new CallBody { InputTokensAtMost = 1_000, OutputLimit = 500, Answers = 2 };
        var bound = CostCalculator.Bound(Table.Find("openai", "gpt-4o-mini")!, body, ChatCompletionsApi.Instance);
        Assert.Equal((0.00015m, 0.0000012m), (bound.Input.ToUsd(), bound.PerOutputToken.ToUsd()));
        Assert.Equal((500L, 16_384L, true), (bound.StatedOutput, bound.ModelOutput, bound.CanLimit));
    }

    [Fact]
    public void Input_that_is_not_in_the_request_is_bounded_by_the_context()
    {
        var model = Table.Find("openai", "gpt-4o-mini")!;
        Assert.Equal(0.0192m, CostCalculator.Bound(model, new CallBody(), ResponsesApi.Instance).Input.ToUsd());
        Assert.Equal(0.15m, CostCalculator.Bound(model with { ContextTokens = null }, new CallBody(), ResponsesApi.Instance).Input.ToUsd());
    }

    [Fact]
    public void Sound_counts_only_where_there_is_some()
    {
        var model = Table.Find("openai", "gpt-4o-mini-audio-preview")!;
        var silent = CostCalculator.Bound(model, new CallBody { InputTokensAtMost = 1 }, ChatCompletionsApi.Instance);
        var loud = CostCalculator.Bound(model, new CallBody { InputTokensAtMost = 1, HasAudio = true }, ChatCompletionsApi.Instance);
        Assert.Equal((0.15m, 0.6m), (silent.Input.ToUsd() * 1_000_000, silent.PerOutputToken.ToUsd() * 1_000_000));
        Assert.Equal((10m, 20m), (loud.Input.ToUsd() * 1_000_000, loud.PerOutputToken.ToUsd() * 1_000_000));
    }

    [Fact]
    public void Searches_are_held_besides_the_tokens()
    {
        var body = new CallBody { InputTokensAtMost = 0, WebSearchesAtMost = 3 };
        Assert.Equal(0.03m, CostCalculator.Bound(Table.Find("openai", "gpt-4o-mini")!, body, ResponsesApi.Instance).Input.ToUsd());
    }

    [Theory]
    [InlineData(nameof(EmbeddingsApi))]
    [InlineData(nameof(GeminiEmbedApi))]
    public void Embeddings_have_no_length_to_limit(string api)
    {
        var bound = CostCalculator.Bound(
            Table.Find("openai", "text-embedding-3-small")!, new CallBody { InputTokensAtMost = 500_000, OutputLimit = 9 },
                WireApis.Named(api));
        Assert.Equal((0.01m, PicoUsd.Zero, false), (bound.Input.ToUsd(), bound.PerOutputToken, bound.CanLimit));
        Assert.Null(bound.StatedOutput);
    }

    [Fact]
    public void Absurd_sizes_end_as_a_huge_bound()
    {
        var body = new CallBody
        {
            InputTokensAtMost = long.MaxValue,
            OutputLimit = long.MaxValue,
            Answers = int.MaxValue,
            WebSearchesAtMost = int.MaxValue,
            HasAudio = true,
            HasImages = true,
            ServiceTier = "priority",
        };
        var bound = CostCalculator.Bound(Table.Find("openai", "o1-pro")!, body, ChatCompletionsApi.Instance);
        Assert.True(bound.With(bound.StatedOutput!.Value).ToUsd() >= CostCalculator.MostUsd);
    }

    private static CallBody AnyBody(Random random) => new()
    {
        InputTokensAtMost = Size(random),
        OutputLimit = Size(random),
        Answers = random.Next(1, 5),
        HasAudio = random.Next(2) == 0,
        HasImages = random.Next(2) == 0,
        WebSearchesAtMost = random.Next(4),
        ServiceTier = ServiceTiers[random.Next(ServiceTiers.Length)],
    };

    /// <summary>Any usage that such a call can have: its parts add up to no more than their whole.</summary>
    private static TokenUsage AnyUsage(Random random, CallBody body)
    {
        var input = random.NextInt64(body.InputTokensAtMost!.Value + 1);
        var output = random.NextInt64(body.OutputLimit!.Value * body.Answers + 1);
        var left = input;
        long Part(bool may = true)
        {
            var part = may && random.Next(2) == 0 ? random.NextInt64(left + 1) : 0;
            left -= part;
            return part;
        }
        var (read, write, audio, image) = (Part(), Part(), Part(body.HasAudio), Part(body.HasImages));
        var sound = body.HasAudio ? random.NextInt64(output + 1) : 0;
        return new TokenUsage
        {
            Input = input,
            CacheRead = read,
            CacheWrite = write,
            CacheWrite1h = random.NextInt64(write + 1),
            InputAudio = audio,
            InputImage = image,
            Output = output,
            Reasoning = random.NextInt64(output + 1),
            OutputAudio = sound,
            OutputImage = random.NextInt64(output - sound + 1),
            WebSearches = random.Next(body.WebSearchesAtMost + 1),
        };
    }

    /// <summary>Small and huge ones alike, below and above every tier.</summary>
    private static long Size(Random random) => random.NextInt64(1L << random.Next(1, 22));
}
