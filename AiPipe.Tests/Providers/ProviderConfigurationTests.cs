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

        Assert.Equal(KnownProviders.All.Select(provider => provider.Name), providers.Select(provider => provider.Name));
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
    public void Demo_stays_beside_keys_until_it_is_turned_off()
    {
        Assert.Contains(Read(), provider => provider.IsBuiltIn);
        Assert.Contains(Read(("OPENAI_API_KEY", "sk-1")), provider => provider.IsBuiltIn);
        Assert.DoesNotContain(Read(("AiPipe:Providers:demo:Enabled", "false")), provider => provider.IsBuiltIn);
        Assert.DoesNotContain(Read(("AiPipe:Providers:groq:Enabled", "False")), provider => provider.Name == "groq");
    }

    [Fact]
    public void Key_of_azure_needs_the_address_of_its_resource()
    {
        var wrong = Assert.ThrowsAny<OptionsValidationException>(() => Read(("AZURE_OPENAI_API_KEY", "k")));
        Assert.StartsWith("AiPipe:Providers:azure:BaseUrl is missing", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://school.openai.azure.com")]
    [InlineData("https://school.openai.azure.com/")]
    [InlineData("https://school.openai.azure.com/openai")]
    [InlineData("https://school.openai.azure.com/openai/v1/")]
    public void Address_of_a_resource_may_be_any_that_azure_shows(string address)
    {
        var azure = Read(("AZURE_OPENAI_API_KEY", "k"), ("AZURE_OPENAI_ENDPOINT", address)).Single(provider => provider.Name == "azure");
        Assert.Equal("https://school.openai.azure.com/openai", azure.BaseUrl.AbsoluteUri);
        var other = Read(("AiPipe:Providers:eu:Dialect", "azure"), ("AiPipe:Providers:eu:BaseUrl", address)).Single(
            provider => provider.Name == "eu");
        Assert.Equal((azure.BaseUrl, KnownProviders.AzureVersion), (other.BaseUrl, other.ApiVersion));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true, "AiPipe:Providers:ollama:BaseUrl", "http://gpu:11434")]
    [InlineData(true, "OLLAMA_BASE_URL", "http://gpu:11434")]
    [InlineData(true, "AiPipe:Providers:ollama:Enabled", "true")]
    public void Ollama_needs_a_name_and_no_key(bool isUsable, string? setting = null, string? value = null)
    {
        var ollama = (setting is null ? Read() : Read((setting, value!))).Single(provider => provider.Name == "ollama");
        Assert.Equal((isUsable, true, false), (ollama.Credentials.Count == 1, ollama.IsFree, ollama.AllowsByok));
    }

    [Theory]
    [InlineData("AiPipe:Providers:mine:Keys:0", "k", "AiPipe:Providers:mine:BaseUrl is missing")]
    [InlineData("AiPipe:Providers:openai:BaseUrl", "ftp://files.example", "AiPipe:Providers:openai:BaseUrl is not an http(s) address")]
    [InlineData("AiPipe:Providers:openai:BaseUrl", "https://user:password@api.example",
        "AiPipe:Providers:openai:BaseUrl is not an http(s) address")]
    [InlineData("AiPipe:Providers:openai:Free", "maybe", "AiPipe:Providers:openai:Free must be true or false")]
    [InlineData("AiPipe:Providers:metrics:BaseUrl", "https://llm.example.com", "AiPipe:Providers:metrics has the name")]
    [InlineData("OLLAMA_BASE_URL", "gpu", "OLLAMA_BASE_URL is not an http(s) address")]
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
