using System.Globalization;
using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Pricing;

/// <summary>
/// The administrator's prices, section <c>AiPipe:Prices</c>: provider → model → <c>{ "Input", "Output", "CacheRead" … }</c> in USD per
/// million tokens (<c>WebSearch</c> and <c>Request</c>: USD each), or <c>{ "Free": true }</c>; and the model's limits in tokens. Names
/// ignore case, as all configuration keys do.
/// </summary>
internal sealed class PriceOverrides
{
    /// <summary>One USD per token; a larger number has a misplaced decimal point.</summary>
    private const decimal MostUsdPerMillion = 1_000_000;

    private static readonly Dictionary<string, Func<Price, decimal, Price>> Fields = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(Price.Input)] = static (price, usd) => price with { Input = usd },
        [nameof(Price.Output)] = static (price, usd) => price with { Output = usd },
        [nameof(Price.CacheRead)] = static (price, usd) => price with { CacheRead = usd },
        [nameof(Price.CacheWrite)] = static (price, usd) => price with { CacheWrite = usd },
        [nameof(Price.CacheWrite1h)] = static (price, usd) => price with { CacheWrite1h = usd },
        [nameof(Price.AudioInput)] = static (price, usd) => price with { AudioInput = usd },
        [nameof(Price.AudioOutput)] = static (price, usd) => price with { AudioOutput = usd },
        [nameof(Price.ImageInput)] = static (price, usd) => price with { ImageInput = usd },
        [nameof(Price.ImageOutput)] = static (price, usd) => price with { ImageOutput = usd },
        [nameof(Price.WebSearch)] = static (price, usd) => price with { WebSearch = usd },
        [nameof(Price.Request)] = static (price, usd) => price with { Request = usd },
    };

    /// <summary>Limits of the model, in tokens.</summary>
    private static readonly Dictionary<string, Func<ModelLimit, long, ModelLimit>> LimitFields = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(PricedModel.MaxOutputTokens)] = static (limit, tokens) => limit with { Output = tokens },
        [nameof(PricedModel.ContextTokens)] = static (limit, tokens) => limit with { Context = tokens },
    };

    private const long MostTokens = 1L << 32;

    private readonly Dictionary<string, Dictionary<string, StatedModel>> _prices = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="OptionsValidationException">The message names the invalid setting and its fix.</exception>
    public static PriceOverrides Read(IConfiguration configuration)
    {
        var overrides = new PriceOverrides();
        var prices = configuration.GetSection("AiPipe:Prices");
        if (prices.Value is { Length: > 0 }) throw prices.Wrong(
            "must be a list of providers: write { \"openai\": { \"my-model\": { \"Input\": 1.0, \"Output\": 2.0 } } }");
        foreach (var provider in prices.GetChildren())
        {
            if (provider.Value is { Length: > 0 }) throw provider.Wrong(
                "must be a list of models: write { \"my-model\": { \"Input\": 1.0, \"Output\": 2.0 } }");
            overrides._prices[provider.Key] = provider.Named("prices", "{ \"Input\": 1.0, \"Output\": 2.0 } or { \"Free\": true }")
                .ToDictionary(
                    model => model.Name, model => new StatedModel(PriceOf(model.Settings), LimitOf(model.Settings)),
                    StringComparer.OrdinalIgnoreCase);
        }
        return overrides;
    }

    public Price? Find(string provider, string model) =>
        _prices.TryGetValue(provider, out var models) && models.TryGetValue(model, out var found) ? found.Price : null;

    /// <summary>The limits that the administrator states beside the price.</summary>
    public ModelLimit? FindLimit(string provider, string model) =>
        _prices.TryGetValue(provider, out var models) && models.TryGetValue(model, out var found) ? found.Limit : null;

    public IEnumerable<(string Provider, string Model, Price Price)> All =>
        _prices.SelectMany(provider => provider.Value.Select(model => (provider.Key, model.Key, model.Value.Price)));

    private static Price PriceOf(IConfigurationSection section)
    {
        var fields = section.GetChildren().Where(child => child.Value is not null && !LimitFields.ContainsKey(child.Key)).ToList();
        if (section["Free"] is { } free)
        {
            if (!bool.TryParse(free, out var isFree)) throw section.GetSection("Free").Wrong("must be true or false");
            if (isFree && fields.Count > 1) throw section.GetSection("Free").Wrong("cannot be true beside prices: keep one of the two");
            if (isFree) return Price.Free;
        }
        foreach (var side in (string[])["Input", "Output"])
            if (section[side] is null) throw section.GetSection(side)
                .Wrong("is missing: give USD per million tokens (0 where there are none)");
        var price = new Price { Input = 0, Output = 0 };
        foreach (var field in fields)
        {
            if (field.Key.Equals("Free", StringComparison.OrdinalIgnoreCase)) continue;
            if (!Fields.TryGetValue(field.Key, out var set)) throw field.Wrong(
                $"is unknown: use {string.Join(", ", Fields.Keys.Concat(LimitFields.Keys))} or Free");
            if (!decimal.TryParse(field.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var usd) || usd is < 0
                or > MostUsdPerMillion)
                throw field.Wrong("is not a price: write USD per million tokens as a number from 0 to 1000000");
            price = set(price, usd);
        }
        return price;
    }

    private static ModelLimit LimitOf(IConfigurationSection section)
    {
        var limit = new ModelLimit(Context: null, Output: null);
        foreach (var (name, set) in LimitFields)
        {
            if (section[name] is not { } value) continue;
            if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var tokens) || tokens is < 1 or > MostTokens)
                throw section.GetSection(name).Wrong("is not a number of tokens: write a whole number above 0");
            limit = set(limit, tokens);
        }
        return limit;
    }

    private sealed record StatedModel(Price Price, ModelLimit Limit);
}
