using AiPipe.Proxy.Settings;

namespace AiPipe.Tests.Settings;

/// <summary>A document that is sent back with its secrets hidden gets its own ones, each where it was.</summary>
public sealed class MaskedSecretResolverTests
{
    private static readonly SettingPath Path = SettingPath.OfFile(SettingPath.Routes, "1")!;

    [Theory]
    // The header goes: the parameter stays what it was.
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "api-key": "s1" }, "Query": { "key": "s2" } }]""", """[{ "Provider": "openai", "Model": "m", "Query": { "key": "…" } }]""", "s2")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "api-key": "s1" }, "Query": { "key": "s2" } }]""", """[{ "Provider": "openai", "Model": "m2", "Query": { "key": "…" }, "Header": { "API-KEY": "…" } }]""", "s1 s2")]
    // The first target goes, or changes places.
    [InlineData("""[{ "Provider": "openai", "Model": "a", "Header": { "k": "s1" } }, { "Provider": "openai", "Model": "b", "Header": { "k": "s2" } }]""", """[{ "Provider": "openai", "Model": "b", "Header": { "k": "…" } }]""", "s2")]
    [InlineData("""[{ "Provider": "openai", "Model": "a", "Header": { "k": "s1" } }, { "Provider": "openai", "Model": "b", "Header": { "k": "s2" } }]""", """[{ "Provider": "openai", "Model": "b", "Header": { "k": "…" } }, { "Provider": "openai", "Model": "a", "Header": { "k": "…" } }]""", "s2 s1")]
    // Another name, when it can be no other.
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "api-key": "s1" } }]""", """[{ "Provider": "openai", "Model": "m", "Header": { "x-api-key": "…" } }]""", "s1")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Endpoint": "https://a.example/x?code=s1&v=1", "Header": { "k": "s2" } }]""", """[{ "Provider": "openai", "Model": "m", "Endpoint": "https://a.example/y?…", "Header": { "k": "…" } }]""", "s2 code=s1&v=1")]
    public void Hidden_secret_is_its_own_again(string before, string after, string secrets) =>
        Assert.Equal(secrets, Unmasked(before, after));

    [Theory]
    // Of two that look alike one has gone, and nothing tells which.
    [InlineData("""[{ "Provider": "openai", "Model": "a", "Header": { "k": "s3cret1" } }, { "Provider": "openai", "Model": "a", "Header": { "k": "s3cret2" } }]""", """[{ "Provider": "openai", "Model": "a", "Header": { "k": "…" } }]""", "AiPipe:Routes:1:Targets:0:Header:k has a hidden value, which may stand for any of several: give it anew.")]
    [InlineData("""[{ "Provider": "openai", "Model": "a", "Header": { "k": "s3cret1" } }, { "Provider": "openai", "Model": "b", "Header": { "k": "s3cret2" } }]""", """[{ "Provider": "openai", "Model": "c", "Header": { "k": "…" } }]""", "AiPipe:Routes:1:Targets:0:Header:k has a hidden value, which may stand for any of several: give it anew.")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "a": "s3cret1", "b": "s3cret2" } }]""", """[{ "Provider": "openai", "Model": "m", "Header": { "c": "…" } }]""", "AiPipe:Routes:1:Targets:0:Header:c has a hidden value, which may stand for any of several: give it anew.")]
    // One secret does not become two.
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "a": "s3cret1" } }]""", """[{ "Provider": "openai", "Model": "m", "Header": { "a": "…", "b": "…" } }]""", "AiPipe:Routes:1:Targets:0:Header:b has a hidden value, which stands for no key that is kept: give the key itself, or leave it out.")]
    // It is sent to nobody else.
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "a": "s3cret1" } }]""", """[{ "Provider": "openai", "Model": "m", "Endpoint": "https://evil.example", "Header": { "a": "…" } }]""", "AiPipe:Routes:1:Targets:0:Header:a has a hidden value, which was given for another provider or address: give it anew for this one.")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "a": "s3cret1" } }]""", """[{ "Provider": "mine", "Model": "m", "Header": { "a": "…" } }]""", "AiPipe:Routes:1:Targets:0:Header:a has a hidden value, which was given for another provider or address: give it anew for this one.")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Endpoint": "https://a.example/x?code=s3cret1" }]""", """[{ "Provider": "openai", "Model": "m", "Endpoint": "http://a.example/x?…" }]""", "AiPipe:Routes:1:Targets:0:Endpoint has a hidden value, which was given for another provider or address: give it anew for this one.")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Endpoint": "https://a.example", "Query": { "a": "s3cret1" } }, { "Provider": "openai", "Model": "n", "Endpoint": "https://b.example" }]""", """[{ "Provider": "openai", "Model": "n", "Endpoint": "https://b.example", "Query": { "a": "…" } }]""", "AiPipe:Routes:1:Targets:0:Query:a has a hidden value, which was given for another provider or address: give it anew for this one.")]
    // Whoever pastes a key behind a hidden one does not read it in an answer.
    [InlineData("""[{ "Provider": "openai", "Model": "m" }]""", """[{ "Provider": "openai", "Model": "m", "Header": { "a": "…s3cret" } }]""", "AiPipe:Routes:1:Targets:0:Header:a has a hidden value, which stands for no key that is kept: give the key itself, or leave it out.")]
    public void What_it_stands_for_is_asked_for_where_that_is_not_certain(string before, string after, string problem) =>
        Assert.Equal(problem, Assert.Throws<FormatException>(() => Unmasked(before, after)).Message);

    [Theory]
    [InlineData("""{ "a:b": { "Provider": "openai", "Model": "m", "Header": { "k": "s3cret" } } }""")]
    [InlineData("""{ "a:Header": { "Provider": "openai", "Model": "m", "Query": { "k": "s3cret" } } }""")]
    [InlineData("""[{ "provider": "openai", "model": "m", "ENDPOINT": "https://a.example?a?s3cret" }]""")]
    [InlineData("""[{ "header": { "a": ["s3cret"] }, "Query": "s3cret" }]""")]
    public void Whatever_a_target_is_called_its_secrets_are_hidden(string targets)
    {
        Assert.DoesNotContain(
            "s3cret", SettingDocument.ToJson(SettingSecrets.Mask(Path, Document(targets)))!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(SettingDocument.ToJson(Document(targets))!.ToJsonString(),
            SettingDocument.ToJson(
            new SettingSecrets(new byte[32]) is var secrets
            ? secrets.Open(Path, secrets.Seal(Path, Document(targets))) : null!)!.ToJsonString());
    }

    private static string Unmasked(string before, string after) =>
        string.Join(' ', SecretPlaces.In(Path, new MaskedSecretResolver(Path, Document(before)).Unmask(Document(after)))
            .Select(secret => secret.Text));

    private static SettingNode Document(string targets) => SettingDocument.Read(Path.Parent, Path.Name, System.Text.Json.JsonElement.Parse($$"""{ "Path": "/a", "Targets": {{targets}} }"""));
}
