using System.Net;
using System.Text.Json;
using AiPipe.Tests.Apis.Images;
using AiPipe.Tests.Apis.Speech;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Scenarios;

/// <summary>Calls that are not billed by tokens of text: images, speech, moderations.</summary>
public sealed class MediaCallTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Images = "/openai/v1/images/generations";
    private const string Speech = "/openai/v1/audio/speech";
    private const string Moderations = "/openai/v1/moderations";
    private const string OneImage = """{"created":1,"data":[{"url":"https://a.example/1.png"}]}""";
    private const string TwoImages = """{"created":1,"data":[{"url":"https://a.example/1.png"},{"url":"https://a.example/2.png"}]}""";
    private const string Flagged = """{"id":"modr-1","model":"omni-moderation-latest","results":[{"flagged":true,"categories":{"violence":true} }]}""";

    /// <summary>It begins as an event stream would.</summary>
    private static readonly byte[] Sound = [.. "data: x\n\n"u8, 0xFF, 0x00, (byte)'\n', (byte)'\n'];

    [Theory]
    [InlineData(Images, """{"model":"gpt-image-1","prompt":"A cat","quality":"medium"}""", ImagesResponseTests.Tokens, 0.04269, false)]
    [InlineData(Images, """{"model":"dall-e-3","prompt":"A cat","quality":"hd","size":"1024x1792"}""", OneImage, 0.12, false)]
    [InlineData(Images, """{"model":"dall-e-3","prompt":"A cat"}""", OneImage, 0.04, false)]
    [InlineData(Images, """{"model":"dall-e-2","prompt":"A cat","n":2,"size":"512x512"}""", TwoImages, 0.036, false)]
    // Only the images that were delivered.
    [InlineData(Images, """{"model":"dall-e-2","prompt":"A cat","n":3,"size":"512x512"}""", TwoImages, 0.036, false)]
    [InlineData(Images, """{"model":"dall-e-2","prompt":"A cat","size":"7x7"}""", OneImage, 0.02, false)]
    [InlineData(Images, """{"model":"dall-e-3","prompt":"A cat"}""", "<html>", 0.04, true)]
    [InlineData(Images, """{"model":"dall-e-3","prompt":"A cat"}""", "", 0.04, true)]
    [InlineData(Images, """{"model":"dall-e-3","prompt":"A cat"}""", """{"error":{"message":"No"}}""", 0, false)]
    [InlineData(Moderations, """{"model":"omni-moderation-latest","input":"I hate you"}""", Flagged, 0, false)]
    [InlineData(Moderations, """{"input":["I hate you","I love you"]}""", Flagged, 0, false)]
    public async Task Call_is_charged_what_it_costs(string path, string body, string answer, double cost, bool isEstimated)
    {
        Provider.Answer = (http, _) => Answers.Json(http, answer);
        var entry = await CallAsync(path, body);
        Assert.Equal(((decimal)cost, isEstimated), (entry.Cost, entry.Estimated));
        Assert.Equal(body, Assert.Single(Provider.Seen).Text);
    }

    [Theory]
    [InlineData(400, 0)]
    [InlineData(429, 0)]
    [InlineData(500, 0)]
    public async Task Error_of_the_provider_costs_nothing(int status, double cost)
    {
        Provider.Answer = (http, _) => Answers.Json(http, """{"error":{"message":"Rejected"}}""", status);
        Assert.Equal((decimal)cost, (await CallAsync(Images, """{"model":"dall-e-3","prompt":"A cat"}""")).Cost);
    }

    [Theory]
    [InlineData(Images, """{"model":"gpt-image-1","prompt":"A cat","stream":true,"partial_images":1}""", ImagesResponseTests.Stream, 0.04269)]
    [InlineData(Speech, """{"model":"gpt-4o-mini-tts","input":"Hi","voice":"alloy","stream_format":"sse"}""", SpeechResponseTests.Stream, 0.0012204)]
    public async Task Stream_is_charged_its_report(string path, string body, string events, double cost)
    {
        Provider.Answer = async (http, _) =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync(events.ReplaceLineEndings("\n"));
        };
        var entry = await CallAsync(path, body);
        Assert.Equal(((decimal)cost, false), (entry.Cost, entry.Estimated));
    }

    [Fact]
    public async Task Stream_of_images_that_ends_early_is_charged_its_reservation()
    {
        Provider.Answer = async (http, _) =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync(ImagesResponseTests.Stream.ReplaceLineEndings("\n").Split("event: image_generation.completed")[0]);
        };
        var entry = await CallAsync(Images, """{"model":"gpt-image-1","prompt":"A cat","stream":true,"partial_images":1,"quality":"low"}""");
        Assert.True(entry.Estimated);
        // 408 tokens of an image, 100 of the partial one, and the prompt.
        Assert.InRange(entry.Cost, 508 * 40m / 1_000_000, 0.025m);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sound_passes_unchanged_and_its_characters_are_charged(bool isChunked)
    {
        Provider.Answer = async (http, _) =>
        {
            http.Response.ContentType = "audio/mpeg";
            if (!isChunked) http.Response.ContentLength = Sound.Length;
            await http.Response.Body.WriteAsync(Sound);
        };
        using var response = await Gateway.Http.SendAsync(
            Gateway.Post(Speech, """{"model":"tts-1","input":"Hello, world! \ud83d\ude00","voice":"alloy"}"""));
        Assert.Equal(Sound, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("audio/mpeg", response.Content.Headers.ContentType!.MediaType);
        var entry = await EntryAsync();
        // The emoji is one character of 15.
        Assert.Equal((0.000225m, false), (entry.Cost, entry.Estimated));
        Assert.Contains("characters", entry.Receipt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sound_of_a_model_that_bills_tokens_is_charged_its_upper_bound()
    {
        Provider.Answer = static async (http, _) =>
        {
            http.Response.ContentType = "audio/mpeg";
            await http.Response.Body.WriteAsync(Sound);
        };
        var entry = await CallAsync(Speech, """{"model":"gpt-4o-mini-tts","input":"Hello","voice":"alloy","instructions":"Slowly"}""");
        Assert.True(entry.Estimated);
        Assert.InRange(entry.Cost, (256 + 5 * 16) * 12m / 1_000_000, 0.005m);
    }

    [Theory]
    [InlineData(Images, """{"model":"gpt-image-1-mini","prompt":"A cat"}""", "model_price_unknown")]
    [InlineData(Images, """{"model":"tts-1","prompt":"A cat"}""", "model_price_unknown")]
    [InlineData(Images, """{"model":"unknown","prompt":"A cat"}""", "model_price_unknown")]
    [InlineData(Images, """{"prompt":"A cat"}""", "model_missing")]
    [InlineData(Images, """{"model":"gpt-image-1","prompt":"A cat","n":2,"stream":true}""", "unsupported_field")]
    [InlineData(Images, """{"model":"gpt-image-1","prompt":"A cat","size":"auto","size":"4096x4096"}""", "duplicate_field")]
    [InlineData(Images, """{"model":"gpt-image-1","prompt":"A cat","Quality":"high"}""", "unsupported_field")]
    [InlineData(Images, """{"model":"gpt-image-1","prompt":"A cat","partial_images":9}""", "invalid_request")]
    [InlineData(Images, """{"model":"gpt-image-1","prompt":"A cat","size":[]}""", "invalid_request")]
    [InlineData(Speech, """{"model":"dall-e-3","input":"Hi","voice":"alloy"}""", "model_price_unknown")]
    [InlineData(Speech, """{"model":"gpt-4o-mini-tts","input":["Hi"],"voice":"alloy"}""", "invalid_request")]
    [InlineData(Moderations, """{"model":"unknown","input":"Hi"}""", "model_price_unknown")]
    [InlineData(Moderations, """{"model":"sora-2","input":"Hi"}""", "model_price_unknown")]
    [InlineData("/openai/v1/chat/completions", """{"model":"tts-1","messages":[]}""", "model_price_unknown")]
    [InlineData("/openai/v1/chat/completions", """{"model":"dall-e-3","messages":[]}""", "model_price_unknown")]
    [InlineData("/openai/v1/chat/completions", """{"model":"omni-moderation-latest","messages":[]}""", "model_price_unknown")]
    public async Task Call_that_cannot_be_metered_is_refused_and_not_sent(string path, string body, string code)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post(path, body));
        Assert.Equal(code, await response.CodeAsync());
        Assert.Empty(Provider.Seen);
    }

    [Theory]
    [InlineData(Images, """{"model":"dall-e-3","prompt":"A cat","quality":"hd"}""", 0.08, 0.08)]
    [InlineData(Images, """{"model":"gpt-image-1","prompt":"A cat","quality":"high"}""", 0.2496, 0.252)]
    [InlineData(Speech, """{"model":"tts-1","input":"Hello, world!","voice":"alloy"}""", 0.000195, 0.000195)]
    [InlineData(Moderations, """{"input":"Hi"}""", 0, 0)]
    public async Task Estimate_is_the_most_that_the_call_can_cost(string path, string body, double least, double most)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/estimate" + path, body));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var estimate = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.InRange(estimate.GetProperty("max_cost").GetDecimal(), (decimal)least, (decimal)most);
        Assert.True(estimate.GetProperty("passes").GetBoolean());
    }

    private async Task<LedgerRow> CallAsync(string path, string json)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post(path, json));
        await response.Content.ReadAsByteArrayAsync();
        return await EntryAsync();
    }

    private async Task<LedgerRow> EntryAsync()
    {
        await Eventually.TrueAsync(async () =>
        {
            await Gateway.FlushAsync();
            return (await LedgerRowsAsync()).Count == 1;
        }, "one entry");
        return (await LedgerRowsAsync())[0];
    }
}
