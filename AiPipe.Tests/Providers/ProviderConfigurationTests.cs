using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Providers;

public class ProviderConfigurationTests
{
    [Fact]
    public void Key_with_a_lines_end_is_taken_without_it()
    {
        var providers = Read(("OPENAI_API_KEY", "sk-1\n"), ("AiPipe:Providers:gemini:Keys:0", " AIza-1\r\n"));

        Assert.Equal("sk-1", Assert.Single(providers.Single(provider => provider.Name == "openai").Credentials).Key);
        Assert.Equal("AIza-1", Assert.Single(providers.Single(provider => provider.Name == "gemini").Credentials).Key);
    }

    [Fact]
    public void Provider_may_be_configured_by_its_other_name()
    {
        var providers = Read(("AiPipe:Providers:GeminiV1Beta:Keys:0", "AIza-1"));

        Assert.Equal(["openai", "openrouter", "gemini", "groq"], providers.Select(provider => provider.Name));
        Assert.Equal("AIza-1", Assert.Single(providers[2].Credentials).Key);
    }

    [Theory]
    [InlineData("AllowsByok")]
    [InlineData("TakesOwnKeys")]
    public void Byok_is_allowed_by_the_current_and_the_earlier_name(string name)
    {
        var providers = Read(("AiPipe:Providers:mine:BaseUrl", "https://llm.example.com"), ($"AiPipe:Providers:mine:{name}", "true"));

        Assert.True(providers.Single(provider => provider.Name == "mine").AllowsByok);
    }

    [Fact]
    public void Demo_is_there_until_the_first_key_is()
    {
        Assert.Contains(Read(), provider => provider.IsBuiltIn);
        Assert.DoesNotContain(Read(("OPENAI_API_KEY", "sk-1")), provider => provider.IsBuiltIn);
        Assert.Contains(Read(("OPENAI_API_KEY", "sk-1"), ("AiPipe:Providers:demo:Dialect", "openai")), provider => provider.IsBuiltIn);
    }

    [Theory]
    [InlineData("AiPipe:Providers:mine:Keys:0", "k", "AiPipe:Providers:mine:BaseUrl is missing")]
    [InlineData("AiPipe:Providers:openai:BaseUrl", "ftp://files.example", "AiPipe:Providers:openai:BaseUrl is not an http(s) address")]
    [InlineData("AiPipe:Providers:openai:BaseUrl", "https://user:password@api.example",
        "AiPipe:Providers:openai:BaseUrl is not an http(s) address")]
    [InlineData("AiPipe:Providers:openai:Dialect", "klingon", "AiPipe:Providers:openai:Dialect is unknown")]
    public void Wrong_entry_is_named_in_one_line(string key, string value, string line)
    {
        var wrong = Assert.ThrowsAny<OptionsValidationException>(() => Read((key, value)));

        Assert.StartsWith(line, wrong.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<Provider> Read(params (string Key, string Value)[] settings) => ProviderConfiguration.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value))
            .Build());
}
