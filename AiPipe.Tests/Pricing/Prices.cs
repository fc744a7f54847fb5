using System.Globalization;
using AiPipe.Proxy.Pricing;
using Microsoft.Extensions.Configuration;

namespace AiPipe.Tests.Pricing;

/// <summary>Price tables as a test needs them.</summary>
internal static class Prices
{
    public static PriceTable Table(params (string Key, string Value)[] overrides) =>
        Table(new ManualTime(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero)), overrides);

    public static PriceTable Table(TimeProvider time, params (string Key, string Value)[] overrides)
    {
        var prices = new OverriddenPrices(Overrides(overrides));
        return new PriceTable(() => prices, time);
    }

    public static PriceOverrides Overrides(params (string Key, string Value)[] values) => PriceOverrides.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(values.ToDictionary(value => "AiPipe:Prices:" + value.Key, value => (string?)value.Value)).Build());

    public static PricedModel Model(Price price) => new(price, price, "test", MaxOutputTokens: null, ContextTokens: null);

    public static decimal Decimal(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>A clock that stands until it is set.</summary>
internal sealed class ManualTime(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
