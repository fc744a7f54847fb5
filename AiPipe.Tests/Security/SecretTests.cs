using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Compatibility.AiProxyCloudflare;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Security;

/// <summary>Which secrets a gateway accepts.</summary>
public sealed class SecretTests
{
    [Theory]
    [InlineData(" ")]
    [InlineData("a")]
    [InlineData("secret1")]
    [InlineData("changeme ")]
    [InlineData("changeme")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("secretsecretsecretsecretsecretsecret")]
    [InlineData("abc123abc123abc123abc123abc123abc123")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456789")]
    [InlineData("qwertyuiopasdfghjklzxcvbnm1234567890")]
    [InlineData("CHANGE_ME_TO_A_LONG_RANDOM_STRING")]
    [InlineData("your-256-bit-secret-your-256-bit-secret")]
    [InlineData("this-is-my-very-long-jwt-signing-secret-key")]
    [InlineData("k8Rw2PzQ")]
    [InlineData("k8Rw2PzQx9Lm4Vt7Yb3Nc6Hd1Jf5Gs")]
    public void Production_refuses_a_weak_secret(string secret)
    {
        var refusal = Validate(secret);
        Assert.StartsWith("AIPIPE_SECRET is ", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal!);
        if (secret.Trim().Length > 6) Assert.DoesNotContain(secret.Trim(), refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("k8Rw2PzQx9Lm4Vt7Yb3Nc6Hd1Jf5Gs0e")]
    [InlineData("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    [InlineData("Yq3mV0cVxk1nH8m2N7s4wKcJt0p9QeRzLbA5uXgDfSi=")]
    [InlineData("a-secret-of-these-tests-0123456789")]
    [InlineData("  k8Rw2PzQx9Lm4Vt7Yb3Nc6Hd1Jf5Gs0e\n")]
    public void Production_accepts_a_strong_secret(string secret) => Assert.Null(Validate(secret));

    [Fact]
    public void Short_secret_of_an_earlier_system_is_accepted_if_the_operator_says_so()
    {
        Assert.Null(Validate("k8Rw2PzQ", ("AiPipe:AllowShortSecret", "true")));
        Assert.NotNull(Validate("changeme", ("AiPipe:AllowShortSecret", "true")));
        Assert.NotNull(Validate("aaaa", ("AiPipe:AllowShortSecret", "true")));
    }

    [Fact]
    public void Secret_is_trimmed()
    {
        var options = new TokenOptions();
        new TokenOptionsSetup(Configuration(("AIPIPE_SECRET", " \tsecret\r\n")), In("Development")).Configure(options);
        Assert.Equal("secret"u8.ToArray(), options.Secret);
    }

    [Theory]
    [InlineData("Une9f2ijwe", "Production", false)]
    [InlineData(" Une9f2ijwe\n", "Production", false)]
    [InlineData("Une9f2ijwe", "Staging", false)]
    [InlineData("Une9f2ijwe", "Development", true)]
    [InlineData("access-token-1", "Production", false)]
    [InlineData("qwertyuiop", "Production", false)]
    [InlineData("k3Vt9wQx2m", "Production", true)]
    public void Published_access_token_is_for_Development_only(string word, string environment, bool isAccepted)
    {
        var error = Record.Exception(() => AccessToken.Read(Configuration(("ACCESS_TOKEN", word)), In(environment), KnownProviders.All));
        if (isAccepted) Assert.Null(error);
        else Assert.StartsWith(
            "ACCESS_TOKEN ", Assert.Single(Assert.IsType<OptionsValidationException>(error).Failures), StringComparison.Ordinal);
    }

    private static string? Validate(string secret, params (string, string)[] others)
    {
        var options = new TokenOptions();
        var setup = new TokenOptionsSetup(Configuration([("AIPIPE_SECRET", secret), .. others]), In("Production"));
        setup.Configure(options);
        return setup.Validate(name: null, options).FailureMessage;
    }

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.ToDictionary(static setting => setting.Key, static setting => (string?)setting.Value)).Build();

    private static HostingEnvironment In(string environment) => new() { EnvironmentName = environment };
}
