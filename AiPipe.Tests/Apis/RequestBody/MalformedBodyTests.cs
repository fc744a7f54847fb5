using System.Text;
using AiPipe.Proxy.Apis.RequestBody;

namespace AiPipe.Tests.Apis.RequestBody;

/// <summary>Bodies that are no JSON, or are read differently by different readers.</summary>
public sealed class MalformedBodyTests
{
    private static readonly string[] Apis = ["chat", "completions", "responses", "embeddings", "generate", "embed"];

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    [InlineData("\uFEFF{\"model\":\"m\"}")]
    [InlineData("{")]
    [InlineData("{\"model\":\"m\"")]
    [InlineData("{\"model\":\"m\",}")]
    [InlineData("{\"model\":\"m\"}}")]
    [InlineData("{\"model\":\"m\"} {\"model\":\"dear\"}")]
    [InlineData("{\"model\":\"m\"}\0")]
    [InlineData("{\"model\":\"m\"}x")]
    [InlineData("{\"model\":\"m\" \"n\":1}")]
    [InlineData("{\"model\":\"m\"}//")]
    [InlineData("{/**/\"model\":\"m\"}")]
    [InlineData("{'model':'m'}")]
    [InlineData("{model:\"m\"}")]
    [InlineData("{\"model\":\"m\nm\"}")]
    [InlineData("{\"model\":\"\\x6d\"}")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":05}")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":+5}")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":NaN}")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":Infinity}")]
    [InlineData("{\"model\":\"m\",\"x\":tru}")]
    public void What_is_no_JSON_is_refused(string text)
    {
        foreach (var api in Apis) Assert.Equal("bad_json", Scanned.Parse(api, text).Refusal?.Code);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[{\"model\":\"m\"}]")]
    [InlineData("\"model\"")]
    [InlineData("5")]
    [InlineData("null")]
    public void What_is_no_object_is_refused(string text)
    {
        foreach (var api in Apis) Assert.Equal("invalid_request", Scanned.Parse(api, text).Refusal?.Code);
    }

    [Theory]
    [InlineData("""{"mod\u0065l":"m","\u006e":2,"max\u005Ftokens":7}""", "limit 7, answers 2")]
    [InlineData("""{"\u006d\u006f\u0064\u0065\u006c":"\u006d","\u006d\u0061\u0078\u005f\u0063\u006f\u006d\u0070\u006c\u0065\u0074\u0069\u006f\u006e\u005f\u0074\u006f\u006b\u0065\u006e\u0073":7}""", "limit 7")]
    [InlineData("""{"model":"m","str\u0065am":true,"s\u0065rvice_tier":"prior\u0069ty"}""", "streams, tier priority")]
    [InlineData("""{"model":"m","messages":[{"cont\u0065nt":[{"image\u005furl":{"\u0075rl":"https:\/\/x"}}]}]}""", "images")]
    [InlineData("""{"model":"m","messages":[{"cont\u0065nt":[{"f\u0069le":{"id":"1"}}]}]}""", "elsewhere")]
    [InlineData("""{"model":"m","messages":[{"cont\u0065nt":[{"type":"it\u0065m_reference","id":"1"}]}]}""", "elsewhere")]
    public void Escapes_hide_nothing(string json, string words) => Assert.Equal(words, Scanned.Parse("chat", json).Words());

    [Theory]
    [InlineData("""{"model":"m","mod\u0065l":"dear"}""", "duplicate_field")]
    [InlineData("""{"model":"m","mod\u0065ls":["dear"]}""", "unsupported_field")]
    [InlineData("""{"model":"m","tools":[{"typ\u0065":"web_s\u0065arch"}]}""", "unsupported_field")]
    [InlineData("""{"model":"\ud800"}""", "bad_json")]
    [InlineData("""{"model":"m","\ud800":1}""", "bad_json")]
    public void Escapes_pass_nothing(string json, string code) => Assert.Equal(code, Scanned.Parse("chat", json).Refusal?.Code);

    [Theory]
    [InlineData("{\"model\":\"?\"}")]
    [InlineData("{\"model\":\"m\",\"?\":1}")]
    [InlineData("{\"model\":\"m\",\"max_tokens?\":1}")]
    [InlineData("{\"model\":\"m\",\"max_tokens????????????????????????????????????????\":1}")]
    [InlineData("{\"model\":\"m\",\"service_tier\":\"?\"}")]
    [InlineData("{\"model\":\"m\",\"user\":\"?\"}")]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"?\"}]}")]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"?\":\"\"}]}")]
    [InlineData("{\"model\":\"m\",\"tools\":[{\"?\":\"\"}]}")]
    public void Bytes_that_are_no_UTF8_are_refused_wherever_they_stand(string text)
    {
        // A byte that begins nothing, an overlong slash, half a letter, half a surrogate pair: each is replaced or dropped by some readers.
        foreach (var wrong in (byte[][])[[0xFF], [0xC0, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80]])
        {
            byte[] bytes = [.. Encoding.UTF8.GetBytes(text).SelectMany(letter => letter == '?' ? wrong : [letter])];
            Assert.Equal("bad_json", Scanned.Parse("chat", bytes).Refusal?.Code);
        }
    }

    [Theory]
    [InlineData("chat", "messages")]
    [InlineData("chat", "tools")]
    [InlineData("chat", "stream_options")]
    [InlineData("chat", "web_search_options")]
    [InlineData("chat", "metadata")]
    [InlineData("completions", "prompt")]
    [InlineData("responses", "input")]
    [InlineData("responses", "conversation")]
    [InlineData("embeddings", "input")]
    [InlineData("generate", "contents")]
    [InlineData("generate", "generationConfig")]
    [InlineData("embed", "requests")]
    public void Nesting_is_read_to_the_deepest_and_refused_below(string api, string name)
    {
        // The body's own object is the first level; fields that want an object or a list of them get one around.
        var (open, close) = name switch
        {
            "tools" => ("[{\"x\":", "}]"),
            "stream_options" or "generationConfig" => ("{\"x\":", "}"),
            _ => ("", ""),
        };
        var levels = CallBodyScanner.MaxDepth - 1 - close.Length;
        Assert.Null(Scanned.Fields(api, Nested(levels)).Refusal);
        Assert.Equal("bad_json", Scanned.Fields(api, Nested(levels + 1)).Refusal?.Code);
        Assert.Equal("bad_json", Scanned.Fields(api, Nested(1_000_000)).Refusal?.Code);

        string Nested(int count) => $"\"{name}\":{open}{new string('[', count)}{new string(']', count)}{close}";
    }

    [Fact]
    public void The_place_of_a_mistake_is_told_and_nothing_of_the_text()
    {
        var refusal = Scanned.Parse("chat", "{\"model\":\"m\",\n \"secret-word\"}").Refusal!;
        Assert.Contains("line 2", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_names_are_cut_where_they_are_shown()
    {
        var name = new string('x', 100_000);
        Assert.Null(Scanned.Fields("chat", $"\"{name}\":1,\"{name}\":2").Refusal);
        Assert.InRange(Scanned.Fields("chat", $$""" "tools":[{"type":"{{name}}"}] """).Refusal!.Message.Length, 64, 200);
    }

    [Fact]
    public void Noise_of_any_kind_never_throws()
    {
        var random = new Random(20261121);
        string[] pieces =
        [
            "{", "}", "[", "]", ":", ",", "\"model\"", "\"m\"", "\"n\"", "\"messages\"", "\"tools\"", "\"type\"", "\"max_tokens\"",
                "\"stream_options\"",
            "\"include_usage\"", "\"generationConfig\"", "\"modalities\"", "\"args\"", "\"inlineData\"", "\"data\"", "1", "-1e9", "true",
                "null", "\\", " ", "\"\\ud800\"",
        ];
        for (var round = 0; round < 20_000; round++)
        {
            var text = "{\"model\":\"m\"," + string.Concat(
                Enumerable.Range(0, random.Next(30)).Select(_ => pieces[random.Next(pieces.Length)]));
            foreach (var api in Apis)
            {
                var (refusal, body) = Scanned.Parse(api, text);
                Assert.True(refusal is not null || body is not null);
            }
        }
    }
}
