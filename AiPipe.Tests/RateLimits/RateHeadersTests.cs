using AiPipe.Proxy.RateLimits;

namespace AiPipe.Tests.RateLimits;

public sealed class RateHeadersTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "1ms")]
    [InlineData(999, "999ms")]
    [InlineData(1000, "1s")]
    [InlineData(8640, "8.64s")]
    [InlineData(59_999, "59.999s")]
    [InlineData(60_000, "1m0s")]
    [InlineData(360_000, "6m0s")]
    [InlineData(3_661_001, "1h1m1.001s")]
    public void Durations_are_written_as_OpenAI_writes_them(long milliseconds, string text) =>
        Assert.Equal(text, RateHeaders.Duration(milliseconds));
}
