using System.Globalization;
using AiPipe.Portal.TagHelpers;

namespace AiPipe.Tests.Portal;

public sealed class UsdTests
{
    [Theory]
    [InlineData("0", "$0.00")]
    [InlineData("1234.5", "$1,234.50")]
    [InlineData("0.5", "$0.50")]
    [InlineData("0.45", "$0.45")]
    [InlineData("0.9996", "$1.00")]
    [InlineData("0.0999955", "$0.10")]
    [InlineData("0.0123", "$0.012")]
    [InlineData("0.00009", "$0.00009")]
    [InlineData("0.00045", "$0.00045")]
    [InlineData("-0.00045", "-$0.00045")]
    public void Money_has_two_decimals_or_two_significant_digits(string usd, string text) =>
        Assert.Equal(text, Usd.Text(decimal.Parse(usd, CultureInfo.InvariantCulture)));

    [Fact]
    public void Unknown_money_is_not_zero() => Assert.Equal("–", Usd.Text(null));
}
