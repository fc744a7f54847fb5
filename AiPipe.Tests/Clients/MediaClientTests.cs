using System.ClientModel;
using AiPipe.Tests.Apis.Images;
using AiPipe.Tests.Fixtures;
using OpenAI.Audio;
using OpenAI.Images;

namespace AiPipe.Tests.Clients;

/// <summary>OpenAI's .NET clients for images, speech and moderations.</summary>
public sealed class MediaClientTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Image_is_generated_and_charged_by_the_token()
    {
        Provider.Answer = static (http, _) => Answers.Json(http, ImagesResponseTests.Tokens);
        GeneratedImage image = await Gateway.OpenAi().GetImageClient("gpt-image-1").GenerateImageAsync("A cat");
        Assert.Equal("hello", image.ImageBytes.ToString());
        Assert.Equal(0.04269m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Images_are_generated_and_charged_by_the_piece()
    {
        Provider.Answer = static (http, _) => Answers.Json(
            http, """{"created":1,"data":[{"url":"https://a.example/1.png"},{"url":"https://a.example/2.png"}]}""");
        var images = await Gateway.OpenAi().GetImageClient("dall-e-2").GenerateImagesAsync(
            "A cat", 2, new ImageGenerationOptions { Size = GeneratedImageSize.W256xH256 });
        Assert.Equal(2, images.Value.Count);
        Assert.Equal(0.032m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Speech_is_generated_and_charged_by_the_character()
    {
        byte[] sound = [0x49, 0x44, 0x33, 4, 0, 0xFF, 0xFB];
        Provider.Answer = async (http, _) =>
        {
            http.Response.ContentType = "audio/mpeg";
            await http.Response.Body.WriteAsync(sound);
        };
        BinaryData speech = await Gateway.OpenAi().GetAudioClient("tts-1-hd").GenerateSpeechAsync("Hello", GeneratedSpeechVoice.Alloy);
        Assert.Equal(sound, speech.ToArray());
        Assert.Equal(0.00015m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Moderation_is_free()
    {
        Provider.Answer = static (http, _) => Answers.Json(http, """
            {"id":"modr-1","model":"omni-moderation-latest","results":[{"flagged":true,"categories":{"violence":true},"category_scores":{"violence":0.9}}]}
            """);
        var result = await Gateway.OpenAi().GetModerationClient("omni-moderation-latest").ClassifyTextAsync("I hate you");
        Assert.True(result.Value.Flagged);
        Assert.Equal(0m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Model_without_a_price_is_refused()
    {
        var error = await Assert.ThrowsAsync<ClientResultException>(
            () => Gateway.OpenAi().GetImageClient("unknown").GenerateImageAsync("A cat"));
        Assert.Equal(400, error.Status);
        Assert.Contains("pricing unknown", error.Message, StringComparison.Ordinal);
    }
}
