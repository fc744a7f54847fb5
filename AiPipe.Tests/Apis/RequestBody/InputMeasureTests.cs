using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AiPipe.Proxy.Apis.RequestBody;

namespace AiPipe.Tests.Apis.RequestBody;

/// <summary>How many tokens an input is held for. Nothing that is read as text may be held for less than its bytes.</summary>
public sealed class InputMeasureTests
{
    private const int Framing = 64;
    private const int LongText = 200_000;
    /// <summary>Of an image whose size and model are not known.</summary>
    private const int MostPerPicture = 50_000;

    private static readonly JsonSerializerOptions Escaped = new() { Encoder = JavaScriptEncoder.Default };
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Text_is_bounded_by_its_bytes()
    {
        const string Json = """{"model":"m","messages":[{"role":"user","content":"Grüße, 世界 🌍"}]}""";
        var body = Scanned.Parse("chat", Json).Passed;
        var bytes = Encoding.UTF8.GetByteCount(Json);
        Assert.Equal(bytes + Framing, body.InputTokensAtMost);
        Assert.InRange(body.InputTokensLikely, bytes / 4, bytes / 3);
    }

    // In each, DATA stands for what is sent in place of the picture.
    [Theory]
    [InlineData("chat", """ "messages":[{"content":[{"type":"image_url","image_url":{"url":"DATA","detail":"high"}}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"type":"image_url","image_url":{"detail":"high","url":"DATA"}}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"image_url":"DATA","type":"image_url"}]}] """)]
    [InlineData("responses", """ "input":[{"role":"user","content":[{"type":"input_image","image_url":"DATA","detail":"low"}]}] """)]
    [InlineData("responses", """ "input":[{"role":"user","content":[{"type":"input_image","file_id":null,"image_url":"DATA"}]}] """)]
    [InlineData("responses", """ "input":[{"type":"computer_call_output","output":{"type":"computer_screenshot","image_url":"DATA"}}] """)]
    [InlineData("responses", """ "input":[{"type":"function_call_output","call_id":"1","output":[{"type":"input_image","image_url":"DATA"}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"DATA"}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"inlineData":{"data":"DATA","mimeType":"image/png"}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"inline_data":{"mime_type":"image/webp","data":"DATA"}}]}] """)]
    [InlineData("generate", """ "contents":{"parts":{"inline_data":{"data":"DATA","mimeType":"image/webp"}}} """)]
    [InlineData("generate", """ "contents":[{"parts":[{"functionResponse":{"name":"f","response":{},"parts":[{"inlineData":{"mimeType":"image/png","data":"DATA"}}]}}]}] """)]
    public void A_picture_counts_as_one_however_long_it_is(string api, string fields)
    {
        var small = Picture("AAAA");
        var large = Picture(new string('A', 4_000_000));
        Assert.Equal((true, true), (small.HasImages, large.HasImages));
        Assert.InRange(large.InputTokensAtMost!.Value, MostPerPicture, MostPerPicture + 300);
        Assert.InRange(small.InputTokensAtMost!.Value, MostPerPicture, MostPerPicture + 300);
        Assert.InRange(large.InputTokensLikely, 1_000, 1_100);

        CallBody Picture(string data) => Scanned.Fields(api, fields.Replace("DATA", data, StringComparison.Ordinal)).Passed;
    }

    [Fact]
    public void Every_picture_counts()
    {
        var part = """{"type":"image_url","image_url":{"url":"https://x"}}""";
        var body = Scanned.Fields("chat", $$""" "messages":[{"content":[{{string.Join(',', Enumerable.Repeat(part, 50))}}]}] """).Passed;
        Assert.InRange(body.InputTokensAtMost!.Value, 50 * MostPerPicture, 51 * MostPerPicture);
    }

    [Theory]
    [InlineData("chat", """ "messages":[{"content":[{"type":"input_audio","input_audio":{"data":"DATA","format":"mp3"}}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"input_audio":{"format":"mp3","data":"DATA"}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"inlineData":{"mimeType":"audio/mp3","data":"DATA"}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"inline_data":{"data":"DATA","mime_type":"audio/ogg"}}]}] """)]
    public void Sound_counts_by_its_length(string api, string fields)
    {
        var body = Scanned.Fields(api, fields.Replace("DATA", new string('A', 1_600_000), StringComparison.Ordinal)).Passed;
        Assert.True(body.HasAudio);
        // 1.2 MB of a codec that is not known, at no less than 400 bytes a second.
        Assert.InRange(body.InputTokensAtMost!.Value, 3_000 * 40, 3_000 * 40 + 300);
        Assert.Equal(3_000 * 10, body.InputTokensAtMostFor("gpt-4o-audio-preview", context: null)!.Value, tolerance: 300d);
    }

    [Theory]
    [InlineData("chat", """ "messages":[{"content":[{"type":"file","file":{"file_id":"file-1"}}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"type":"file","file":{"file_data":"data:application/zip;base64,UEsDBAAA"}}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"type":"input_audio","input_audio":{"data":"AAAA-AAAAAAA","format":"wav"}}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"type":"input_audio","input_audio":{"data":"AAAA\u0041AAA","format":"wav"}}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"type":"file","file":{"filename":"a.txt","file_data":"eHh4*eHh4"}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"inlineData":{"mimeType":"audio/wav","data":"data:audio/wav,AAAA"}}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"type":"image_url","imageUrl":{"url":"https://x"}}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"type":"image_url","image_url":{"URL":"https://x"}}]}] """)]
    [InlineData("responses", """ "input":[{"role":"user","content":[{"type":"input_image","IMAGE_URL":"https://x"}]}] """)]
    [InlineData("responses", """ "input":[{"role":"user","content":[{"type":"input_file","File_Id":"file-1"}]}] """)]
    [InlineData("generate", """ "systemInstruction":{"parts":[{"fileData":{"fileUri":"https://x"}}]} """)]
    [InlineData("generate", """ "system_instruction":{"parts":[{"file_data":{"file_uri":"https://x"}}]} """)]
    [InlineData("generate", """ "systemInstruction":{"parts":[{"FileData":{"fileUri":"https://x"}}]} """)]
    [InlineData("chat", """ "messages":[{"content":[{"type":"video_url","video_url":{"url":"https://x"}}]}] """)]
    [InlineData("chat", """ "messages":[{"role":"assistant","audio":{"id":"audio_1"}}] """)]
    [InlineData("responses", """ "input":[{"content":[{"type":"input_image","file_id":"file-1"}]}] """)]
    [InlineData("responses", """ "input":[{"content":[{"type":"input_file","file_url":"https://x"}]}] """)]
    [InlineData("responses", """ "input":[{"content":[{"type":"input_file","filename":"a.pdf","file_data":"UEsDBAAA"}]}] """)]
    [InlineData("responses", """ "input":[{"type":"item_reference","id":"msg_1"}] """)]
    [InlineData("responses", """ "input":[{"id":"msg_1","type":"item_reference"}] """)]
    // The type of a reference may be left out: https://platform.openai.com/docs/api-reference/responses/create
    [InlineData("responses", """ "input":[{"id":"msg_1"}] """)]
    [InlineData("responses", """ "input":[{"role":"user","content":"hi"},{"id":"msg_1","type":null}] """)]
    [InlineData("responses", """ "input":[{"role":"user","content":"hi"},{"id":"msg_1","status":{"role":"user","type":"message"}}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"fileData":{"fileUri":"https://x"}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"file_data":{"file_uri":"https://x"}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA","mimeType":"video/mp4"}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"inline_data":{"data":"AAAA","mime_type":"video/mp4"}}]}] """)]
    public void Input_that_cannot_be_measured_has_no_bound(string api, string fields)
    {
        var body = Scanned.Fields(api, fields).Passed;
        Assert.Null(body.InputTokensAtMost);
        Assert.InRange(body.InputTokensLikely, 1, 2_000);
    }

    [Theory]
    [InlineData("chat", """ "messages":[{"role":"assistant","audio":null,"file":null,"content":"x"}] """)]
    [InlineData("chat", """ "messages":[{"content":"item_reference file_id image_url"}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"type":"text","text":"{\"file_id\":\"1\",\"image_url\":\"x\"}"}]}] """)]
    [InlineData("chat", """ "tools":[{"type":"function","function":{"parameters":{"properties":{"file_id":{"type":"string"},"image_url":{"url":"x"}}}}}] """)]
    [InlineData("responses", """ "input":[{"content":[{"type":"input_image","file_id":null,"image_url":null}],"role":"user"}] """)]
    [InlineData("responses", """ "input":[{"role":"user","content":"a"},{"id":"msg_1","role":"assistant","content":[],"type":"message"},{"type":"function_call","id":"fc_1","arguments":"{}"}] """)]
    [InlineData("responses", """ "input":["a",["b"],null,5] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"functionCall":{"name":"f","args":{"file_id":"1","fileData":{"x":1},"type":"item_reference"}}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"text":"no role"}]}],"tools":[{"functionDeclarations":[{"parameters":{"properties":{"fileData":{}}}}]}] """)]
    public void What_only_looks_like_media_or_files_is_text(string api, string fields)
    {
        var (refusal, body) = Scanned.Fields(api, fields);
        Assert.Null(refusal);
        Assert.Equal(body!.Bytes.Length + Framing, body.InputTokensAtMost);
        Assert.Equal((false, false), (body.HasImages, body.HasAudio));
    }

    [Theory]
    [InlineData("chat", """ "messages":[{"content":[{"type":"file","file":{"file_data":"data:text/plain;base64,DATA"}}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"type":"file","file":{"filename":"notes.md","file_data":"DATA"}}]}] """)]
    [InlineData("responses", """ "input":[{"role":"user","content":[{"type":"input_file","filename":"a.csv","file_data":"DATA"}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"inlineData":{"data":"DATA","mimeType":"text/plain"}}]}] """)]
    public void A_file_of_text_counts_by_its_bytes(string api, string fields)
    {
        var data = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('x', 30_000)));
        var body = Scanned.Fields(api, fields.Replace("DATA", data, StringComparison.Ordinal)).Passed;
        Assert.InRange(body.InputTokensAtMost!.Value, 30_000, 41_000);
    }

    [Theory]
    [InlineData("low,low", 765)]
    [InlineData("low", 85)]
    [InlineData("high", 765)]
    [InlineData("auto", 765)]
    [InlineData("high,low", 765)]
    [InlineData("low,high", 765)]
    public void The_detail_of_a_picture_may_stand_before_or_after_it(string details, long tokens)
    {
        var picture = "data:image/png;base64," + Convert.ToBase64String(Pictures.Png(1024, 1024));
        var fields = string.Join(',', details.Split(',').Select(detail => $"\"detail\":\"{detail}\""));
        var escaped = picture.Replace("/", "\\/", StringComparison.Ordinal);
        foreach (var part in (string[])[$"{fields},\"url\":\"{picture}\"", $"\"url\":\"{escaped}\",{fields}"])
        {
            var body = Scanned.Fields("chat", $$$""" "messages":[{"content":[{"type":"image_url","image_url":{{{{part}}}}}]}] """).Passed;
            var text = body.TextTokensAtMost!.Value;
            Assert.Equal(tokens, body.InputTokensAtMostFor("gpt-4o", context: null) - text);
        }
    }

    [Theory]
    [InlineData("\\n")]
    [InlineData("\\r\\n")]
    [InlineData(" ")]
    public void Line_ends_in_the_data_do_not_hide_the_rest(string lineEnd)
    {
        var lines = string.Join(lineEnd, Enumerable.Repeat(new string('A', 76), 1_000));
        var body = Scanned.Fields("chat", $$$""" "messages":[{"content":[{"input_audio":{"data":"{{{lines}}}","format":"ogg"}}]}] """).Passed;
        Assert.InRange(body.InputTokensAtMost!.Value, 57_000 / 400 * 40, 57_000 / 400 * 40 + 400);
    }

    [Theory]
    [InlineData(""" "prediction":{"type":"content","content":"TEXT"} """, 200_000)]
    [InlineData(""" "prediction":{"type":"content","content":[{"type":"text","text":"TEXT"}]} """, 200_000)]
    [InlineData(""" "prediction":null """, 0)]
    [InlineData(""" "n":1 """, 0)]
    public void A_prediction_may_be_billed_as_output(string fields, long tokens)
    {
        var body = Scanned.Fields("chat", fields.Replace("TEXT", new string('x', LongText), StringComparison.Ordinal)).Passed;
        Assert.InRange(body.PredictedTokensAtMost, tokens, tokens + 100);
    }

    /// <summary>Places where the model reads as text what is called like a picture.</summary>
    [Theory]
    [InlineData("generate", """ "contents":[{"parts":[{"functionCall":{"name":"f","args":{"image_url":"TEXT"}}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"functionCall":{"args":{"a":[{"inlineData":{"mimeType":"image/png","data":"TEXT"}}]}}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"functionResponse":{"response":{"image_url":{"url":"TEXT"}}}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"functionResponse":{"response":{"input_audio":{"data":"TEXT"}}}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"data":"TEXT"}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"inlineData":{"x":{"data":"TEXT"}}}]}] """)]
    [InlineData("generate", """ "contents":[{"parts":[{"inlineData":["TEXT"]}]}] """)]
    [InlineData("generate", """ "tools":[{"functionDeclarations":[{"description":"d","parameters":{"image_url":"TEXT"}}]}] """)]
    [InlineData("generate", """ "systemInstruction":{"parts":[{"text":"TEXT"}]} """)]
    [InlineData("chat", """ "messages":[{"content":[{"type":"image_url","url":"TEXT"}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"image_url":["TEXT"]}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"image_url":{"detail":"TEXT"}}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"image_url":{"x":{"url":"TEXT"}}}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"image_url":[{"url":"TEXT"}]}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"input_audio":{"format":"TEXT"}}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"data":"TEXT"}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"image_url":5,"text":"TEXT"}]}] """)]
    [InlineData("chat", """ "messages":[{"content":[{"image_url":null},"TEXT"]}] """)]
    [InlineData("chat", """ "tools":[{"type":"function","function":{"parameters":{"image_url":"TEXT"}}}] """)]
    [InlineData("chat", """ "response_format":{"json_schema":{"schema":{"image_url":"TEXT"}}} """)]
    [InlineData("responses", """ "instructions":"TEXT" """)]
    [InlineData("responses", """ "input":[{"type":"mcp_list_tools","tools":[{"name":"f","input_schema":{"image_url":"TEXT"}}]}] """)]
    [InlineData("responses", """ "input":[{"type":"local_shell_call","action":{"env":{"image_url":"TEXT"}}}] """)]
    [InlineData("embeddings", """ "input":["TEXT"] """)]
    public void A_long_text_is_not_passed_off_as_a_picture(string api, string fields)
    {
        var (refusal, body) = Scanned.Fields(api, fields.Replace("TEXT", new string('x', LongText), StringComparison.Ordinal));
        Assert.Null(refusal);
        Assert.True(body!.InputTokensAtMost is null or > LongText, $"{body.InputTokensAtMost}");
        Assert.InRange(body.InputTokensLikely, LongText / 4, LongText);
    }

    [Fact]
    public void The_bound_of_texts_is_never_below_their_bytes()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 5_000; round++)
        {
            var texts = Enumerable.Range(0, random.Next(1, 8)).Select(_ => AnyText(random)).ToArray();
            var (api, body) = random.Next(5) switch
            {
                0 => ("chat", (object)new { model = "m", messages = texts.Select(text => new { role = "user", content = text }) }),
                1 => ("chat", new
                {
                    model = "m",
                    messages = new[] { new { content = texts.Select(text => new { type = "text", text }) } }
                }),
                2 => ("responses", new
                {
                    model = "m",
                    instructions = texts[0],
                    input = texts.Skip(1)
                    .Select(text => new { role = "user", content = text })
                }),
                3 => ("generate", new { contents = texts.Select(text => new { parts = new[] { new { text } } }) }),
                _ => ("embeddings", new { model = "m", input = texts }),
            };
            // With and without escapes: the provider reads the same text.
            var scanned = Scanned.Parse(api, JsonSerializer.SerializeToUtf8Bytes(body, random.Next(2) == 0 ? Escaped : Unescaped)).Passed;
            Assert.True(scanned.InputTokensAtMost >= texts.Sum(Encoding.UTF8.GetByteCount), $"{api} {string.Join('|', texts)}");
            Assert.InRange(scanned.InputTokensLikely, 1, scanned.InputTokensAtMost!.Value);
        }
    }

    private static string AnyText(Random random)
    {
        string[] letters = ["a", " ", "\"", "\\", "\n", "ü", "世", "🌍", "\u0001", "/", "<", "image_url", "item_reference", "{\"data\":"];
        return string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => letters[random.Next(letters.Length)]));
    }
}
