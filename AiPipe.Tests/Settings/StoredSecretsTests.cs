using System.Text.Json;
using AiPipe.Proxy.Settings;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Settings;

/// <summary>A change of a document keeps the secrets that it names by their ids or leaves out, and no other secret.</summary>
public sealed class StoredSecretsTests
{
    private const string Two = """[{ "Provider": "openai", "Model": "a", "Header": { "k": "s1" } }, { "Provider": "openai", "Model": "b", "Header": { "k": "s2" } }]""";

    private static readonly SettingPath Path = SettingPath.OfFile(SettingPath.Routes, "1")!;
    private static readonly SettingSecrets Secrets = new(new byte[32]);

    [Theory]
    // The header goes: the parameter stays what it was.
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "api-key": "s1" }, "Query": { "key": "s2" } }]""", """[{ "Provider": "openai", "Model": "m", "Query": { "key": <s2> } }]""", "s2")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "api-key": "s1" }, "Query": { "key": "s2" } }]""", """[{ "Provider": "openai", "Model": "m2", "Query": { "key": <s2> }, "Header": { "API-KEY": <s1> } }]""", "s1 s2")]
    // The first target goes, or changes places.
    [InlineData(Two, """[{ "Provider": "openai", "Model": "b", "Header": { "k": <s2> } }]""", "s2")]
    [InlineData(Two, """[{ "Provider": "openai", "Model": "b", "Header": { "k": <s2> } }, { "Provider": "openai", "Model": "a", "Header": { "k": <s1> } }]""", "s2 s1")]
    [InlineData(Two, """[{ "Provider": "openai", "Model": "c", "Header": { "k": <s2> } }]""", "s2")]
    // Another name, and the same secret twice.
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "api-key": "s1" } }]""", """[{ "Provider": "openai", "Model": "m", "Header": { "x-api-key": <s1>, "b": { "id": "<id s1>" } } }]""", "s1 s1")]
    // An address with its query, and what is sent there.
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Endpoint": "https://a.example/x?code=s1&v=1", "Header": { "k": "s2" } }]""", """[{ "Provider": "openai", "Model": "m2", "Endpoint": <https://a.example/x?code=s1&v=1>, "Header": { "k": <s2> } }]""", "s2 code=s1&v=1")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Endpoint": "https://a.example/x?code=s1&v=1", "Header": { "k": "s2" } }]""", """[{ "Provider": "openai", "Model": "m2", "Endpoint": <https://a.example/x?code=s1&v=1> }]""", "s2 code=s1&v=1")]
    // What is left out stays, and what is empty goes.
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "api-key": "s1" }, "Query": { "key": "s2" } }]""", """[{ "Provider": "OpenAI", "Model": "m2" }]""", "s1 s2")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "api-key": "s1" }, "Query": { "key": "s2" } }]""", """[{ "Provider": "openai", "Model": "m2", "header": { "api-key": "s3" } }]""", "s3")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "api-key": "s1" }, "Query": { "key": "s2" } }]""", """[{ "Provider": "openai", "Model": "m", "Header": {} }]""", "")]
    [InlineData(Two, """[{ "Provider": "openai", "Model": "a" }, { "Provider": "openai", "Model": "c" }, { "Provider": "openai", "Model": "d" }]""", "s1 s2")]
    // It is sent to no other recipient.
    [InlineData(Two, """[{ "Provider": "mine", "Model": "a" }, { "Provider": "openai", "Model": "b", "Endpoint": "https://evil.example" }]""", "")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Endpoint": "https://a.example/x", "Header": { "k": "s1" } }]""", """[{ "Provider": "openai", "Model": "m" }]""", "")]
    public void Named_and_omitted_secrets_are_kept(string before, string after, string secrets)
    {
        var (document, _) = Resolve(before, after);
        Assert.Equal(secrets, string.Join(' ', SecretPlaces.In(Path, document).Select(secret => secret.Text)));
    }

    [Theory]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "a": "s3cret1" } }]""", """[{ "Provider": "openai", "Model": "m", "Endpoint": "https://evil.example", "Header": { "a": <s3cret1> } }]""", "AiPipe:Routes:1:Targets:0:Header:a is a secret that was given for another provider or address: send it again for this one.")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "a": "s3cret1" } }]""", """[{ "Provider": "mine", "Model": "m", "Header": { "a": <s3cret1> } }]""", "AiPipe:Routes:1:Targets:0:Header:a is a secret that was given for another provider or address: send it again for this one.")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Endpoint": "https://a.example/x?code=s3cret1", "Header": { "a": "s3cret2" } }]""", """[{ "Provider": "openai", "Model": "m", "Endpoint": "http://a.example/x?code=s3cret1", "Header": { "a": <s3cret2> } }]""", "AiPipe:Routes:1:Targets:0:Header:a is a secret that was given for another provider or address: send it again for this one.")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Endpoint": "https://a.example", "Query": { "a": "s3cret1" } }, { "Provider": "openai", "Model": "n", "Endpoint": "https://b.example" }]""", """[{ "Provider": "openai", "Model": "n", "Endpoint": "https://b.example", "Query": { "a": <s3cret1> } }]""", "AiPipe:Routes:1:Targets:0:Query:a is a secret that was given for another provider or address: send it again for this one.")]
    // A header does not become an address, which pages show.
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "a": "https://s3cret1.example" } }]""", """[{ "Provider": "openai", "Model": "m", "Endpoint": <https://s3cret1.example> }]""", "AiPipe:Routes:1:Targets:0:Endpoint has the id of no stored secret: send the secret itself.")]
    [InlineData("""[{ "Provider": "openai", "Model": "m" }]""", """[{ "Provider": "openai", "Model": "m", "Header": { "a": <s3cret1> } }]""", "AiPipe:Routes:1:Targets:0:Header:a has the id of no stored secret: send the secret itself.")]
    // A mask stands for nothing, wherever it comes from. An error does not repeat a key that was pasted behind one.
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Header": { "a": "s3cret1" } }]""", """[{ "Provider": "openai", "Model": "m", "Header": { "a": "…" } }]""", "AiPipe:Routes:1:Targets:0:Header:a is the mask of a secret: send the secret itself, or { \"Id\": … } to keep the stored one.")]
    [InlineData("""[{ "Provider": "openai", "Model": "m" }]""", """[{ "Provider": "openai", "Model": "m", "Header": { "a": "…s3cret" } }]""", "AiPipe:Routes:1:Targets:0:Header:a is the mask of a secret: send the secret itself, or { \"Id\": … } to keep the stored one.")]
    [InlineData("""[{ "Provider": "openai", "Model": "m", "Endpoint": "https://a.example/x?code=s3cret1" }]""", """[{ "Provider": "openai", "Model": "m", "Endpoint": "https://a.example/x?…" }]""", "AiPipe:Routes:1:Targets:0:Endpoint is the mask of a secret: send the secret itself, or { \"Id\": … } to keep the stored one.")]
    public void Masks_and_ids_of_other_secrets_are_refused(string before, string after, string problem) =>
        Assert.Equal(problem, Assert.Throws<OptionsValidationException>(() => Resolve(before, after)).Message);

    [Fact]
    public void Only_the_secrets_in_the_change_itself_count_as_sent()
    {
        var (_, sent) = Resolve(Two, """[{ "Provider": "openai", "Model": "a", "Header": { "k": <s1>, "l": "s3" } }, { "Provider": "openai", "Model": "b" }]""");
        Assert.Equal(["s3"], sent.Select(secret => secret.Text));
    }

    [Fact]
    public void Ids_are_stable_and_differ_by_path_secret_and_signing_secret()
    {
        var other = SettingPath.OfFile(SettingPath.Routes, "2")!;
        var ids = new[] { Secrets.IdOf(Path, "s1"), Secrets.IdOf(other, "s1"), Secrets.IdOf(Path, "s2"), new SettingSecrets(new byte[31])
            .IdOf(Path, "s1") };
        Assert.Equal(4, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(ids[0], new SettingSecrets(new byte[32]).IdOf(Path, "s1"));
    }

    [Theory]
    [InlineData("""{ "a:b": { "Provider": "openai", "Model": "m", "Header": { "k": "s3cret" } } }""")]
    [InlineData("""{ "a:Header": { "Provider": "openai", "Model": "m", "Query": { "k": "s3cret" } } }""")]
    [InlineData("""[{ "provider": "openai", "model": "m", "ENDPOINT": "https://a.example?a?s3cret" }]""")]
    [InlineData("""[{ "header": { "a": ["s3cret"] }, "Query": "s3cret" }]""")]
    [InlineData("""[{ "header": { "Id": "s3cret", "a": { "Id": "s3cret" } } }]""")]
    public void Whatever_a_target_is_called_its_secrets_are_hidden(string targets)
    {
        foreach (var shown in (SettingNode[])[SettingSecrets.Mask(Path, Document(targets)), Secrets.Show(Path, Document(targets))])
            Assert.DoesNotContain("s3cret", SettingDocument.ToJson(shown)!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(SettingDocument.ToJson(Document(targets))!.ToJsonString(),
            SettingDocument.ToJson(Secrets.Open(Path, Secrets.Seal(Path, Document(targets))))!.ToJsonString());
    }

    [Theory]
    [InlineData("""{ "a:b": { "Provider": "openai", "Model": "m", "Header": { "k": "s3cret" } } }""")]
    [InlineData("""[{ "provider": "openai", "model": "m", "ENDPOINT": "https://a.example?a?s3cret", "Query": { "k": "s3cret2" } }]""")]
    public void Shown_document_can_be_sent_back(string targets)
    {
        var shown = SettingDocument.ToElement(SettingDocument.ToJson(Secrets.Show(Path, Document(targets)))!);
        var (document, sent) = Stored(targets).Resolve(SettingDocument.Read(Path.Parent, Path.Name, shown));
        Assert.Empty(sent);
        Assert.Equal(SettingDocument.ToJson(Document(targets))!.ToJsonString(), SettingDocument.ToJson(document)!.ToJsonString());
    }

    /// <summary>Resolves a change in which <c>&lt;secret&gt;</c> is a secret as it is shown, and <c>&lt;id secret&gt;</c> its id.</summary>
    private static (SettingNode Document, IReadOnlyList<Secret> Sent) Resolve(string before, string after)
    {
        var change = System.Text.RegularExpressions.Regex.Replace(after, "<(?<id>id )?(?<text>[^>]+)>", match =>
        {
            var id = Secrets.IdOf(Path, match.Groups["text"].Value);
            return match.Groups["id"].Success ? id : $$"""{ "Id": "{{id}}", "Mask": "…" }""";
        }, System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
        return Stored(before).Resolve(Document(change));
    }

    private static StoredSecrets Stored(string targets) => new(Path, Document(targets), others: null, Secrets);

    private static SettingNode Document(string targets) => SettingDocument.Read(Path.Parent, Path.Name, JsonElement.Parse($$"""{ "Path": "/a", "Targets": {{targets}} }"""));
}
