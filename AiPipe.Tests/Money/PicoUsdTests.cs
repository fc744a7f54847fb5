using AiPipe.Proxy.Money;

namespace AiPipe.Tests.Money;

public sealed class PicoUsdTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "0.000000000001")]
    [InlineData(-1, "-0.000000000001")]
    [InlineData(450_000_000, "0.00045")]
    [InlineData(1_000_000_000_000, "1")]
    [InlineData(-12_300_000_000_000, "-12.3")]
    [InlineData(1_000_000_000_000_000_000, "1000000")]
    [InlineData(long.MaxValue, "9223372.036854775807")]
    [InlineData(long.MinValue, "-9223372.036854775808")]
    public void Is_exact_in_usd_without_trailing_zeros(long value, string usd)
    {
        Assert.Equal(usd, new PicoUsd(value).ToUsd().ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(value, PicoUsd.FromUsd(new PicoUsd(value).ToUsd()).Value);
    }
}
