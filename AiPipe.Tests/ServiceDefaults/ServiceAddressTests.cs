using AiPipe.ServiceDefaults;
using Microsoft.Extensions.Configuration;

namespace AiPipe.Tests.ServiceDefaults;

/// <summary>The configured address of another service.</summary>
public sealed class ServiceAddressTests
{
    [Theory]
    [InlineData("services:portal:http:0", "http://portal:8080", "https+http://portal")]
    [InlineData("services:portal:https:0", "https://10.0.0.7", "https+http://portal")]
    [InlineData("services:portal:http:0", "portal:8080", "https+http://portal")]
    [InlineData("services:portal:http:0", " ", null)]
    [InlineData("Portal:Address", "https://portal.example/below", "https://portal.example/below")]
    [InlineData("Portal:Address", "", null)]
    public void Address_comes_from_the_setting_or_from_service_discovery(string setting, string value, string? found) =>
        Assert.Equal(found, Find(setting, value));

    [Theory]
    [InlineData("services:portal:http:0", "http//portal:8080")]
    [InlineData("services:portal:http:1", "http://u:hunter2@portal:8080")]
    [InlineData("services:portal:http:0", "http://portal:8080/below")]
    [InlineData("services:portal:http:0", "ftp://portal")]
    [InlineData("services:portal:http:0", "http://portal:80a")]
    [InlineData("Portal:Address", "portal:hunter2")]
    public void Error_names_the_setting_of_a_malformed_address_but_not_its_value(string setting, string value)
    {
        var wrong = Assert.Throws<InvalidOperationException>(() => Find(setting, value));
        Assert.Equal($"{setting} is not an http(s) address. Write it like http://portal:8080", wrong.Message);
    }

    private static string? Find(string setting, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection([new(setting, value)]).Build().FindService("portal", "Portal:Address");
}
