using System.Text;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;
using AiPipe.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.RateLimits;

public sealed class RateLimitOptionsTests
{
    [Fact]
    public void Most_specific_name_of_a_person_wins()
    {
        var book = new RateLimitResolver(new Settled<RateLimitOptions>(Read(
            """{"*":{"RequestsPerMinute":1},"@Example.com":{"RequestsPerMinute":2},"ann@example.com":{"TokensPerMinute":3}}""")));
        Assert.Equal(new RateLimit(0, 3), book.OwnScopeOf("ann@example.com")!.Limit);
        Assert.Equal(new RateLimit(2, 0), book.OwnScopeOf("bob@example.com")!.Limit);
        Assert.Equal(new RateLimit(1, 0), book.OwnScopeOf("bob@elsewhere.example")!.Limit);
    }

    [Fact]
    public void Nothing_configured_limits_nothing()
    {
        var book = new RateLimitResolver(new Settled<RateLimitOptions>(Read("{}")));
        Assert.False(book.LimitsCalls);
        Assert.False(book.LimitsKeys);
        Assert.Null(book.OwnScopeOf("ann@example.com"));
    }

    [Fact]
    public void Names_with_colons_are_put_together_again()
    {
        var options = Read("""{"Apps":{"https://a.example:8443/":LIMIT,"https://b.example":LIMIT},"Models":{"m:free":LIMIT,"m":LIMIT,"llama3:8b:q4":LIMIT}}""");
        Assert.Equal(["https://a.example:8443", "https://b.example"], options.Apps.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["llama3:8b:q4", "m", "m:free"], options.Models.Keys.Order(StringComparer.Ordinal));
        Assert.All(options.Apps.Values.Concat(options.Models.Values), limit => Assert.Equal(new RateLimit(60, 1000), limit));
    }

    [Fact]
    public void Providers_go_by_the_one_name_that_calls_have_them_under()
    {
        var options = Read("""{"Providers":{"GeminiV1Beta":LIMIT},"Keys":{"OpenAI":LIMIT,"*":LIMIT}}""");
        Assert.Equal(["gemini"], options.Providers.Keys);
        Assert.Equal(["*", "openai"], options.Keys.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("\"many\"", "AiPipe:RateLimits must be a group of limits")]
    [InlineData("""{"ann":{"RequestsPerMinute":1}}""", "AiPipe:RateLimits:ann is neither a person nor a group")]
    [InlineData("""{"*":60}""", "AiPipe:RateLimits:* must be a limit")]
    [InlineData("""{"*":{}}""", "AiPipe:RateLimits:* has no limit")]
    [InlineData("""{"*":{"PerMinute":60}}""", "AiPipe:RateLimits:*:PerMinute is not known")]
    [InlineData("""{"*":{"RequestsPerMinute":0}}""", "AiPipe:RateLimits:*:RequestsPerMinute must be a whole number from 1")]
    [InlineData("""{"*":{"RequestsPerMinute":1.5}}""", "AiPipe:RateLimits:*:RequestsPerMinute must be a whole number")]
    [InlineData("""{"*":{"TokensPerMinute":1000000001}}""", "AiPipe:RateLimits:*:TokensPerMinute must be a whole number")]
    [InlineData("""{"Models":"x"}""", "AiPipe:RateLimits:Models must be a group")]
    [InlineData("""{"Models":["x"]}""", "AiPipe:RateLimits:Models:0 must be a limit")]
    [InlineData("""{"Models":{"m":{}}}""", "AiPipe:RateLimits:Models:m has no limit")]
    [InlineData("""{"Models":{"m":{"RequestsPerMinute":{"a":1}}}}""", "AiPipe:RateLimits:Models:m:RequestsPerMinute must be")]
    [InlineData("""{"Models":{"m":{"Requests":1}}}""", "AiPipe:RateLimits:Models:m:Requests is not known")]
    [InlineData("""{"Providers":{"nobody":{"RequestsPerMinute":1}}}""", "AiPipe:RateLimits:Providers:nobody is not a provider")]
    public void What_is_wrong_is_named_with_its_mend(string section, string beginning)
    {
        var wrong = Assert.ThrowsAny<OptionsValidationException>(() => Read(section));
        Assert.StartsWith(beginning, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Message);
    }

    private static RateLimitOptions Read(string section)
    {
        section = section.Replace("LIMIT", """{"RequestsPerMinute":60,"TokensPerMinute":1000}""", StringComparison.Ordinal);
        var json = new MemoryStream(Encoding.UTF8.GetBytes("{\"AiPipe\":{\"RateLimits\":" + section + "}}"));
        var options = new RateLimitOptions();
        options.Read(new ConfigurationBuilder().AddJsonStream(json).Build()
            .GetSection(RateLimitOptions.Section), KnownProviders.All);
        return options;
    }
}
