using System.Globalization;
using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.Images;

/// <summary>https://platform.openai.com/docs/api-reference/images/create: billed by the token, or by the image.</summary>
internal sealed class ImagesApi() : OpenAiApi("/v1/images/generations", "image_generation")
{
    public static readonly ImagesApi Instance = new();

    private const int MostPartialImages = 3;

    public override RequestFields Fields { get; } = new(
    [
        ("model", RequestField.Model),
        ("prompt", RequestField.Input),
        ("n", RequestField.N),
        ("stream", RequestField.Stream),
        ("size", RequestField.UnitDetail),
        ("quality", RequestField.UnitDetail),
        ("partial_images", RequestField.UnitDetail),
        ("provider", RequestField.ProviderPreferences),
    ]);

    /// <summary>No field limits the tokens of an image.</summary>
    public override bool HasOutput => false;

    public override Refusal? ReadBody(ReadOnlyMemory<byte> bytes, ProviderEndpoint endpoint, string provider, out CallBody? body)
    {
        if (base.ReadBody(bytes, endpoint, provider, out body) is { } refusal) return refusal;
        var details = body!.Layout!.UnitDetails;
        // The usage of several images in one stream is not documented.
        if (body is { Streams: true, Answers: > 1 })
            return Refusal.UnsupportedField("The field \"n\" must be 1 in a stream of images, because others are not metered.", "n");
        var partial = 0;
        if (details.TryGetValue("partial_images", out var count)
            && (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out partial) || partial > MostPartialImages))
            return Refusal.InvalidRequest(
                $"The field \"partial_images\" must be a whole number from 0 to {MostPartialImages}.", "partial_images");
        var (quality, size) = (details.GetValueOrDefault("quality", "default"), details.GetValueOrDefault("size", "default"));
        body = body with
        {
            Units = new RequestedUnits(UnitKind.Image, body.Answers, quality, size),
            OutputTokensAtMost = body.Answers * ImageTokens.AtMost(body.Model, quality, size, partial),
        };
        return null;
    }

    public override ApiResponse CreateResponse() => new ImagesResponse();
}
